// Arrays that grow; what they hold is plain data.
#pragma once

#include "solver.h"

namespace timing {

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

// What happens when; of two at the same time, the one that was announced first.
struct Event {
    double time;
    uint64_t order;
    uint32_t what, index;
    bool before(const Event& other) const { return time < other.time || (time == other.time && order < other.order); }
};

// A binary heap of events.
struct Heap {
    Array<Event> items;

    explicit Heap(const Job& job) : items(job) {}

    bool add(const Event& event) {
        if (!items.push(event)) return false;
        size_t place = items.size - 1;
        while (place > 0 && event.before(items[(place - 1) / 2])) {
            items[place] = items[(place - 1) / 2];
            place = (place - 1) / 2;
        }
        items[place] = event;
        return true;
    }

    Event take() {
        const Event first = items[0], last = items[--items.size];
        size_t place = 0;
        for (;;) {
            size_t child = 2 * place + 1;
            if (child >= items.size) break;
            if (child + 1 < items.size && items[child + 1].before(items[child])) child++;
            if (!items[child].before(last)) break;
            items[place] = items[child];
            place = child;
        }
        if (items.size) items[place] = last;
        return first;
    }
};

// A calendar: events of the next DAYS cycles in a list per cycle, in order, and later ones in a heap. Nearly all events
// are a few cycles ahead and come in order, so that most cost no search.
struct Agenda {
    static constexpr uint32_t DAYS = 1024;
    struct Entry {
        double time;
        uint32_t what, index, next;
    };
    struct Day {
        uint32_t first, last;
    };
    Heap far;
    Array<Entry> entries;
    Day days[DAYS];
    uint32_t unused = NONE;
    uint64_t has[DAYS / 64] = {};
    uint64_t today = 0, order = 0, near = 0;

    explicit Agenda(const Job& job) : far(job), entries(job) {
        for (Day& day : days) day = {NONE, NONE};
    }

    bool is_empty() const { return !near && !far.items.size; }

    bool add(double time, uint32_t what, uint32_t index) {
        uint64_t when = time > 0 ? static_cast<uint64_t>(time) : 0;
        if (when < today) when = today;
        if (when - today >= DAYS) return far.add({time, order++, what, index});
        return file(when, {time, what, index, NONE});
    }

    Entry take() {
        while (days[today % DAYS].first == NONE) advance();
        Day& day = days[today % DAYS];
        const uint32_t place = day.first;
        const Entry entry = entries[place];
        day.first = entry.next;
        if (entry.next == NONE) {
            day.last = NONE;
            has[today % DAYS / 64] &= ~(1ull << (today % 64));
        }
        entries[place].next = unused;
        unused = place;
        near--;
        return entry;
    }

private:
    bool file(uint64_t when, const Entry& entry) {
        uint32_t place = unused;
        if (place != NONE) {
            unused = entries[place].next;
            entries[place] = entry;
        } else {
            place = static_cast<uint32_t>(entries.size);
            if (!entries.push(entry)) return false;
        }
        near++;
        Day& day = days[when % DAYS];
        if (day.first == NONE) {
            day.first = day.last = place;
            has[when % DAYS / 64] |= 1ull << (when % 64);
        } else if (entries[day.last].time <= entry.time) {
            entries[day.last].next = place;
            day.last = place;
        } else {
            uint32_t* link = &day.first;
            while (entries[*link].time <= entry.time) link = &entries[*link].next;
            entries[place].next = *link;
            *link = place;
        }
        return true;
    }

    // What was far and is not any more was announced before all that is added from now on.
    void advance() {
        today = near ? next_day() : static_cast<uint64_t>(far.items[0].time);
        while (far.items.size && far.items[0].time < static_cast<double>(today + DAYS)) {
            const Event event = far.take();
            file(static_cast<uint64_t>(event.time), {event.time, event.what, event.index, NONE});
        }
    }

    uint64_t next_day() const {
        uint64_t at = today + 1;
        for (;;) {
            const uint64_t rest = has[at % DAYS / 64] >> (at % 64);
            if (rest) return at + static_cast<uint64_t>(__builtin_ctzll(rest));
            at = (at / 64 + 1) * 64;
        }
    }
};

}  // namespace timing
