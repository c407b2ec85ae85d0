// What is still to happen, in the order of its time: the solver's only queue.
#pragma once

#include "memory.h"

namespace timing {

// What happens when; of two at the same time, the one that was announced first. Events are handed on field by field:
// whoever reads one as a whole just after its fields were written waits for the processor to put them together.
struct Event {
    double time;
    uint64_t order;
    uint32_t what, index;
    bool before(const Event& other) const { return is_before(time, order, other.time, other.order); }

    // Of two bits, since nobody foresees which: a branch would be wrong half of the time.
    static bool is_before(double time, uint64_t order, double other, uint64_t other_order) {
        return (time < other) | ((time == other) & (order < other_order));
    }
};

constexpr double FOREVER = 1e308;

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

// Events that come in the order in which they will happen: a ring.
struct Line {
    const Job& job;
    Event* items = nullptr;
    uint32_t head = 0, tail = 0, capacity = 0;  // a power of two
    double last = 0;  // time of the last one that was added

    explicit Line(const Job& job) : job(job) { grow(); }
    ~Line() { job.release(items); }
    Line(const Line&) = delete;
    Line& operator=(const Line&) = delete;

    bool is_empty() const { return head == tail; }
    const Event& first() const { return items[head & (capacity - 1)]; }
    const Event& ahead(uint32_t count) const { return items[(head + count) & (capacity - 1)]; }
    void drop() { head++; }

    // False: it would happen before the last one, or there is no memory.
    bool add(double time, uint64_t order, uint32_t what, uint32_t index) {
        if (time < last || (tail - head == capacity && !grow())) return false;
        Event& event = items[tail++ & (capacity - 1)];
        event.time = last = time;
        event.order = order;
        event.what = what;
        event.index = index;
        return true;
    }

private:
    bool grow() {
        const uint32_t wanted = capacity ? 2 * capacity : 256, count = tail - head;
        Event* found = static_cast<Event*>(job.allocate(nullptr, wanted * sizeof(Event)));
        if (found == nullptr) return false;
        for (uint32_t i = 0; i < wanted; i++) found[i] = i < count ? ahead(i) : Event{0, 0, 0, 0};
        job.release(items);
        items = found;
        head = 0;
        tail = count;
        capacity = wanted;
        return true;
    }
};

// A calendar: events of the next DAYS cycles in a list per cycle, in order, and later ones in a heap. Nearly all events
// are a few cycles ahead and come in order, so that most cost no search. Today is the day of the next event; what is
// added for a day before it joins its list.
struct Calendar {
    static constexpr int64_t DAYS = 1024;
    struct Entry {
        double time;
        uint64_t order;
        uint32_t what, index, next, padding;
    };
    struct Day {
        uint32_t first, last;
    };
    Heap far;
    Array<Entry> entries;
    Day days[DAYS];
    double first_time = FOREVER;  // of the next one
    uint64_t first_order = ~0ull;
    double far_time = FOREVER;  // of the first that is far
    uint32_t unused = NONE, near = 0;
    uint64_t has[DAYS / 64] = {};
    int64_t today = 0;

    explicit Calendar(const Job& job) : far(job), entries(job) {
        for (Day& day : days) day = {NONE, NONE};
    }

    bool is_empty() const { return near == 0; }

    bool add(double time, uint64_t order, uint32_t what, uint32_t index) {
        const int64_t day = static_cast<int64_t>(time);
        if (near == 0) return far.add({time, order, what, index}) && move_on();
        if (day - today >= DAYS) {
            if (time < far_time) far_time = time;
            return far.add({time, order, what, index});
        }
        if (time < first_time) {
            first_time = time;
            first_order = order;
        }
        return file(day < today ? today : day, time, order, what, index);
    }

    // The next one; there is one.
    const Entry& next() const { return entries.items[days[today % DAYS].first]; }

    Event take() {
        Day& day = days[today % DAYS];
        const uint32_t place = day.first;
        Entry& entry = entries[place];
        const Event event{entry.time, entry.order, entry.what, entry.index};
        day.first = entry.next;
        entry.next = unused;
        unused = place;
        near--;
        if (day.first == NONE) {
            has[today % DAYS / 64] &= ~(1ull << (today % 64));
            move_on();
        } else {
            first_time = entries[day.first].time;
            first_order = entries[day.first].order;
        }
        return event;
    }

private:
    // To the day of the next event. What is not far any more was announced before all that is added from now on.
    bool move_on() {
        if (near) today = next_day();
        else if (far.items.size) today = static_cast<int64_t>(far.items[0].time);
        if (near == 0 || far_time < static_cast<double>(today + DAYS)) {
            while (far.items.size && far.items[0].time < static_cast<double>(today + DAYS)) {
                const Event event = far.take();
                const int64_t day = static_cast<int64_t>(event.time);
                if (!file(day, event.time, event.order, event.what, event.index)) return false;
            }
            far_time = far.items.size ? far.items[0].time : FOREVER;
        }
        first_time = near ? next().time : FOREVER;
        first_order = near ? next().order : ~0ull;
        return true;
    }

    bool file(int64_t when, double time, uint64_t order, uint32_t what, uint32_t index) {
        if (unused == NONE && !make_entry()) return false;
        const uint32_t place = unused;
        Entry& entry = entries[place];
        unused = entry.next;
        entry.time = time;
        entry.order = order;
        entry.what = what;
        entry.index = index;
        entry.next = NONE;
        near++;
        Day& day = days[when % DAYS];
        if (day.first == NONE) {
            day.first = day.last = place;
            has[when % DAYS / 64] |= 1ull << (when % 64);
        } else if (entries[day.last].time <= time) {
            entries[day.last].next = place;
            day.last = place;
        } else {
            insert(day, place);
        }
        return true;
    }

    bool make_entry() {
        if (!entries.push({0, 0, NONE, NONE, NONE, 0})) return false;
        unused = static_cast<uint32_t>(entries.size - 1);
        return true;
    }

    void insert(Day& day, uint32_t place) {
        const double time = entries[place].time;
        uint32_t* link = &day.first;
        while (entries[*link].time <= time) link = &entries[*link].next;
        entries[place].next = *link;
        *link = place;
    }

    int64_t next_day() const {
        int64_t at = today + 1;
        for (;;) {
            const uint64_t rest = has[at % DAYS / 64] >> (at % 64);
            if (rest) return at + __builtin_ctzll(rest);
            at = (at / 64 + 1) * 64;
        }
    }
};

// All that will happen. Most of it is a packet's head that takes as long to its next link as every other head does, so
// that those who set out first are there first: no search at all.
struct Agenda {
    Calendar calendar;
    Line heads;
    uint64_t order = 0;

    explicit Agenda(const Job& job) : calendar(job), heads(job) {}

    bool add(double time, uint32_t what, uint32_t index) { return calendar.add(time, order++, what, index); }

    // Behind the other heads, if it is so.
    bool add_head(double time, uint32_t what, uint32_t index) {
        const uint64_t mine = order++;
        return heads.add(time, mine, what, index) || calendar.add(time, mine, what, index);
    }

    bool is_empty() const { return calendar.is_empty() && heads.is_empty(); }

    bool head_is_next() const {
        if (heads.is_empty()) return false;
        const Event& head = heads.first();
        return Event::is_before(head.time, head.order, calendar.first_time, calendar.first_order);
    }
};

}  // namespace timing
