// Arrays that grow; what they hold is plain data.
#pragma once

#include "solver.h"

namespace timing {

template <typename T>
T acquire(const T& value) {
    return __atomic_load_n(&value, __ATOMIC_ACQUIRE);
}
template <typename T>
void release(T& place, T value) {
    __atomic_store_n(&place, value, __ATOMIC_RELEASE);
}

inline double later(double a, double b) { return a > b ? a : b; }

template <typename T>
struct Array {
    T* items = nullptr;
    size_t size = 0, capacity = 0;
    const Job& job;

    explicit Array(const Job& job) : job(job) {}
    ~Array() { job.release(items); }
    Array(const Array&) = delete;
    Array& operator=(const Array&) = delete;
    T& operator[](size_t index) { return items[index]; }

    bool push(const T& item) {
        if (size == capacity) {
            const size_t wanted = capacity ? 2 * capacity : 256;
            void* found = job.allocate(items, wanted * sizeof(T));
            if (found == nullptr) return false;
            items = static_cast<T*>(found);
            capacity = wanted;
        }
        items[size++] = item;
        return true;
    }
};

}  // namespace timing
