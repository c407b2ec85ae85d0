"""From a program's image to what a launch writes."""
