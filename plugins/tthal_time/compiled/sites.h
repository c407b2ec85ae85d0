// What every place of every thread's kernel takes: a hash table that grows.
#pragma once

#include "memory.h"

namespace timing {

struct Sites {
    Array<Site> found;
    Array<uint32_t> following;  // of every place in `found`: the one that came behind it last time, or NONE
    Array<uint32_t> table;      // of places in `found`, or NONE

    explicit Sites(const Job& job) : found(job), following(job), table(job) { grow(256); }

    // Adds what an action took to its place. Kernels are loops: what came behind a place comes behind it again.
    void add(Thread& thread, uint32_t index, uint32_t site, double took, double busy) {
        uint32_t place = thread.next_site;
        if (place >= found.size || found[place].site != site || found[place].thread != index) {
            place = at(index, site);
            if (place == NONE) return;
            if (thread.last_site < found.size) following[thread.last_site] = place;
        }
        Site& sum = found[place];
        sum.count++;
        sum.busy += busy;
        sum.waited += took - busy;
        thread.last_site = place;
        thread.next_site = following[place];
    }

    void hand_over(Job& job) {
        job.sites = found.items;
        job.site_count = static_cast<uint32_t>(found.size);
        found.items = nullptr;
        found.size = found.capacity = 0;
    }

private:
    static uint64_t hash(uint32_t thread, uint32_t site) {
        return (static_cast<uint64_t>(thread) << 32 | site) * 0x9E3779B97F4A7C15ull >> 32;
    }

    uint32_t& slot(uint32_t thread, uint32_t site) {
        const size_t mask = table.size - 1;
        size_t place = hash(thread, site) & mask;
        while (table[place] != NONE && (found[table[place]].thread != thread || found[table[place]].site != site))
            place = (place + 1) & mask;
        return table[place];
    }

    uint32_t at(uint32_t thread, uint32_t site) {
        if (const uint32_t known = slot(thread, site); known != NONE) return known;
        if (2 * found.size >= table.size) grow(2 * table.size);
        if (!following.push(NONE) || !found.push({thread, site, 0, 0, 0})) return NONE;
        return slot(thread, site) = static_cast<uint32_t>(found.size - 1);
    }

    void grow(size_t size) {
        table.size = 0;
        while (table.size < size && table.push(NONE)) {
        }
        for (size_t i = 0; i < found.size; i++) slot(found[i].thread, found[i].site) = static_cast<uint32_t>(i);
    }
};

}  // namespace timing
