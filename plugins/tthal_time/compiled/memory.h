// Arrays that grow; what they hold is plain data.
#pragma once

#include "solver.h"

namespace timing {

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

// What happens when; of two at the same time, the one that was announced first.
struct Event {
    double time;
    uint64_t order;
    uint32_t what, index;
    bool before(const Event& other) const { return time < other.time || (time == other.time && order < other.order); }
};

struct Agenda {
    Array<Event> heap;
    uint64_t order = 0;

    explicit Agenda(const Job& job) : heap(job) {}

    bool add(double time, uint32_t what, uint32_t index) {
        if (!heap.push({time, order++, what, index})) return false;
        size_t place = heap.size - 1;
        const Event event = heap[place];
        while (place > 0 && event.before(heap[(place - 1) / 2])) {
            heap[place] = heap[(place - 1) / 2];
            place = (place - 1) / 2;
        }
        heap[place] = event;
        return true;
    }

    Event take() {
        const Event first = heap[0], last = heap[--heap.size];
        size_t place = 0;
        for (;;) {
            size_t child = 2 * place + 1;
            if (child >= heap.size) break;
            if (child + 1 < heap.size && heap[child + 1].before(heap[child])) child++;
            if (!heap[child].before(last)) break;
            heap[place] = heap[child];
            place = child;
        }
        if (heap.size) heap[place] = last;
        return first;
    }
};

}  // namespace timing
