// Packets on the two tori. A packet's head takes one channel after the other; a channel that it has taken stays its own
// until its last flit is past, so that a packet which waits keeps what lies behind it (as far as routers have no room).
#pragma once

#include "memory.h"

namespace timing {

enum class Load : uint8_t { READ_REQUEST, READ_DATA, WRITE, ATOMIC, ACKNOWLEDGEMENT };
enum What : uint32_t { THREAD, HEAD, RELEASE, ARRIVED, SERVED, MULTICAST_ARRIVED, PATH_FREE };

constexpr uint32_t MOST_HOPS = 40;

// A channel that a packet took, and when.
struct Hop {
    double start;
    uint32_t channel;
};

// What every hop asks for stands first.
struct Packet {
    Load load;
    uint8_t noc, flags;
    uint8_t wraps;  // past the date line of its dimension
    uint32_t from, at, to;
    uint32_t owner, next;       // thread; the next one that waits for the same channel
    uint32_t taken, released;   // how many hops of `path`
    double flits, absorb;       // on a link; at its end
    uint8_t is_taken, is_late;  // the network took it at once; it had to wait
    uint32_t bytes, channel, effect, value, site;
    double sent;  // when its command was issued
    Hop path[MOST_HOPS];
};

// Nobody holds it, or its holder is past it at `until`; an event tells so only when another packet waits.
struct Channel {
    uint32_t first, last;  // packets that wait
    double until;
    uint32_t link, direction;
};

struct Place {
    uint32_t x, y;
};

struct Network {
    const Job& job;
    const Chip& chip;
    Agenda& agenda;
    uint32_t nodes;
    Array<Packet> packets;
    Array<uint32_t> unused;
    Array<Channel> channels;
    Array<Place> places;  // of every node
    Array<double> link_free;  // per link: no two flits in one cycle

    Network(const Job& job, Agenda& agenda);
    uint32_t make();
    void head(uint32_t index, double time);
    void release(uint32_t channel, double time);
    void forget(uint32_t index) { unused.push(index); }
    uint32_t hops(uint32_t noc, uint32_t from, uint32_t to) const;
    double flits(uint32_t bytes) const { return 1 + (bytes + chip.flit_bytes - 1) / chip.flit_bytes; }
    double& port_free(uint32_t noc, uint32_t node, bool out) { return link_free[link(noc, node, out ? 2 : 3)]; }

private:
    uint32_t link(uint32_t noc, uint32_t node, uint32_t direction) const {
        return (noc * 4 + direction) * nodes + node;
    }
    uint32_t next_channel(Packet& packet) const;
    void grant(uint32_t index, uint32_t channel, double time);
    void let_go(Packet& packet, double time, bool at_end);
};

}  // namespace timing
