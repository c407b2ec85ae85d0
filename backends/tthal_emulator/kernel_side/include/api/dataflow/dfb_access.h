// How kernel helpers tell dataflow buffers from other arguments.
#pragma once

#include "api/dataflow/dataflow_buffer.h"

using DataflowBufferAnyPattern = DataflowBuffer;

template <typename T>
inline constexpr bool is_dataflow_buffer_v = false;
template <>
inline constexpr bool is_dataflow_buffer_v<DataflowBuffer> = true;
