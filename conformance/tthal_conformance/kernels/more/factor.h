#pragma once
constexpr unsigned factor() { return 1009; }
