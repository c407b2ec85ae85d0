// Packets on the two tori. A packet's head takes one channel after the other; a channel that it has taken stays its own
// until its last flit is past, so that a packet which waits keeps what lies behind it (as far as routers have no room).
#pragma once

#include "agenda.h"

namespace timing {

enum class Load : uint8_t { READ_REQUEST, READ_DATA, WRITE, ATOMIC, ACKNOWLEDGEMENT };
enum What : uint32_t { THREAD, HEAD, RELEASE, ARRIVED, SERVED, MULTICAST_ARRIVED, PATH_FREE };
constexpr uint32_t WHAT_BITS = 3;  // of a head's event: above them is the channel that it comes to

constexpr uint32_t MOST_HOPS = 40;

// What every hop asks for stands first, without bytes: to a compiler, a store to one might change anything else.
struct Packet {
    uint32_t hops, taken;     // channels of its way, and how many of them
    uint32_t held;            // how many its flits fill behind its head: those before them are let go
    uint32_t next;            // the next packet that waits for the same channel
    double flits, absorb;     // on a link; at its end
    uint16_t way[MOST_HOPS];  // channels: out of its node, along the rings, into the last node
    double start[MOST_HOPS];  // when it took them
    uint32_t owner;           // thread
    uint32_t from, to;
    uint32_t channel, effect, bytes, value, site;  // of its action
    double sent;                                   // when its command was issued
    uint8_t is_taken, is_late;                     // the network took it at once; it had to wait
    Load load;
    uint8_t noc, flags;
};

// Nobody holds it, or its holder is past it at `until`; an event tells so only when another packet waits.
struct Channel {
    double until;
    uint32_t first, last;  // packets that wait
};

// When the last flit that was let on it is over it, and cycles that flits took.
struct Link {
    double free, flits;
};

struct Place {
    uint32_t x, y;
};

struct Network {
    Job& job;
    const Chip& chip;
    Agenda& agenda;
    uint32_t nodes;
    Array<Packet> packets;
    Array<uint32_t> unused;
    Array<Channel> channels;
    Array<Place> places;  // of every node
    Array<Link> links;

    Network(Job& job, Agenda& agenda);
    uint32_t make();
    void send(uint32_t index, double time);
    void head(uint32_t index, uint32_t channel, double time);
    void move_heads();
    void release(uint32_t channel, double time);
    void forget(uint32_t index) { unused.push(index); }
    uint32_t hops(uint32_t noc, uint32_t from, uint32_t to) const;
    void hand_over() const;
    double flits(uint32_t bytes) const { return 1 + (bytes + chip.flit_bytes - 1) / chip.flit_bytes; }
    double& port_free(uint32_t noc, uint32_t node, bool out) { return links[link(noc, node, out ? 2 : 3)].free; }

private:
    uint32_t link(uint32_t noc, uint32_t node, uint32_t direction) const {
        return (noc * 4 + direction) * nodes + node;
    }
    uint16_t* along(uint16_t* way, const Packet& packet, uint32_t direction, uint32_t& at) const;
    void foresee(const Event& event) const;
    void announce(double start, double next, const Packet& packet, uint32_t index, double time);
    void wait(uint32_t index, uint32_t channel);
    void grant(uint32_t index, uint32_t channel, double time);
    double take(Packet& packet, uint32_t channel, double length, double time);
    void leave(uint32_t index, Packet& packet, uint32_t channel, double time);
    void enter(uint32_t index, Packet& packet, uint32_t channel, double time);
    void let_go(const Packet& packet, uint32_t hop, double tail);
};

}  // namespace timing
