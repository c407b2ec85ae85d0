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

inline void pause() {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
}

// How often a thread looks for what another one does before it sleeps, and for how many microseconds.
constexpr uint32_t LOOKS = 64, NAP = 50;

// Nobody else changes the runs of a list meanwhile, or takes one.
struct Lock {
    List& list;
    Lock(List& list, int (*sleep)(uint32_t)) : list(list) {
        for (uint32_t looks = 0; __atomic_exchange_n(&list.locked, 1, __ATOMIC_ACQUIRE); looks++)
            if (looks < LOOKS || sleep == nullptr) pause();
            else sleep(NAP);
    }
    ~Lock() { release(list.locked, 0u); }
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;
};

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
