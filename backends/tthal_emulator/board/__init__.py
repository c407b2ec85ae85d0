"""What the machine is: boards, their grids and banks, memories, and where buffers lie."""
