// Handles, and the one place where C++ exceptions stop.
#pragma once
#include <cxxabi.h>
#include <cstdlib>
#include <exception>
#include <memory>
#include <string>
#include <typeinfo>
#include <vector>

#include "internals.hpp"
#include "tthal_metal.h"
#include "vendor.hpp"

#define TTM_API extern "C" __attribute__((visibility("default")))

struct ttm_device {
    std::shared_ptr<vendor::MeshDevice> mesh;
    int32_t id = 0;

    tt::tt_metal::IDevice* chip() const { return mesh->get_devices().at(0); }
    vendor::MeshCommandQueue& queue(uint32_t number) const {
        return mesh->mesh_command_queue(static_cast<uint8_t>(number));
    }
};

struct ttm_buffer {
    std::shared_ptr<vendor::MeshDevice> mesh;  // declared first: the device outlives its buffers
    std::shared_ptr<vendor::MeshBuffer> buffer;
    uint64_t size = 0;
};

struct ttm_program {
    vendor::Program own;
    vendor::Program* live = &own;  // after the move into a workload, the workload's

    explicit ttm_program(vendor::Program&& program) : own(std::move(program)) {}
};

struct ttm_workload {
    std::shared_ptr<vendor::MeshDevice> mesh;
    vendor::MeshWorkload workload;
};

namespace guard {

struct Refused {  // the shim's own objections, apart from the library's exceptions
    ttm_status status;
    std::string text;
};

inline thread_local std::string last_error, last_error_type;

inline int failed(ttm_status status, const char* type, const char* text) {
    last_error_type = type;
    last_error = text;
    return status;
}

inline std::string readable(const std::type_info& type) {
    int status = 0;
    char* name = abi::__cxa_demangle(type.name(), nullptr, nullptr, &status);
    std::string result = status == 0 ? name : type.name();
    std::free(name);
    return result;
}

template <class Body>
int call(Body&& body) noexcept {
    try {
        body();
        return TTM_OK;
    } catch (const Refused& refused) {
        return failed(refused.status, "", refused.text.c_str());
    } catch (const std::exception& error) {
        return failed(TTM_VENDOR_ERROR, readable(typeid(error)).c_str(), error.what());
    } catch (...) {
        return failed(TTM_UNKNOWN_ERROR, "", "the library threw something that is not a std::exception");
    }
}

inline void require(bool condition, const char* text) {
    if (!condition) {
        throw Refused{TTM_BAD_ARGUMENT, text};
    }
}

inline void require_symbol(bool present, const char* what) {
    if (!present) {
        throw Refused{TTM_NOT_IN_LIBRARY, std::string("this libtt_metal.so does not export ") + what};
    }
}

inline vendor::CoreRange range(const ttm_core_range& r) {
    return vendor::CoreRange{vendor::CoreCoord{r.x0, r.y0}, vendor::CoreCoord{r.x1, r.y1}};
}

inline vendor::CoreRangeSet range_set(const ttm_core_range* ranges, uint32_t count) {
    std::vector<vendor::CoreRange> all;
    all.reserve(count);
    for (uint32_t i = 0; i < count; i++) {
        all.push_back(range(ranges[i]));
    }
    return vendor::CoreRangeSet(std::move(all));
}

}  // namespace guard
