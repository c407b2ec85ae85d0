// How packets move; see network.h.
#include "network.h"

namespace timing {
namespace {

// Of every link: requests and replies never wait for each other, and neither do those before and behind the date line.
constexpr uint32_t CHANNELS_OF_LINK = 4;
enum Direction : uint32_t { X, Y, OUT, IN };

double later(double a, double b) { return a > b ? a : b; }

bool is_reply(Load load) { return load == Load::READ_DATA || load == Load::ACKNOWLEDGEMENT; }

}  // namespace

Network::Network(const Job& job, Agenda& agenda)
    : job(job),
      chip(*job.chip),
      agenda(agenda),
      nodes(chip.width * chip.height),
      packets(job),
      unused(job),
      channels(job),
      link_free(job) {
    for (uint32_t i = 0; i < 2 * 4 * nodes; i++) link_free.push(0);
    for (uint32_t i = 0; i < 2 * 4 * nodes * CHANNELS_OF_LINK; i++) channels.push({NONE, NONE, 0});
}

// NoC 0 goes right and down, NoC 1 left and up.
uint32_t Network::hops(uint32_t noc, uint32_t from, uint32_t to) const {
    const uint32_t w = chip.width, h = chip.height;
    const uint32_t x = (to % w + w - from % w) % w, y = (to / w + h - from / w) % h;
    return noc == 0 ? x + y : (w - x) % w + (h - y) % h;
}

uint32_t Network::send(const Packet& packet, double time) {
    uint32_t index;
    if (unused.size) {
        index = unused[--unused.size];
        packets[index] = packet;
    } else {
        index = static_cast<uint32_t>(packets.size);
        if (!packets.push(packet)) return NONE;
    }
    want(index, time);
    return index;
}

// The channel that the packet needs next: out of its node, along x and y (NoC 1: y and x), into the last node.
uint32_t Network::next_channel(Packet& packet) const {
    const uint32_t w = chip.width, x = packet.at % w, y = packet.at / w;
    const bool right_x = x == packet.to % w, right_y = y == packet.to / w, first = packet.taken == 0;
    const uint32_t reply = is_reply(packet.load) ? 2 : 0;
    if (first) return link(packet.noc, packet.at, OUT) * CHANNELS_OF_LINK + reply;
    if (right_x && right_y) return link(packet.noc, packet.at, IN) * CHANNELS_OF_LINK + reply;
    const bool along_x = packet.noc == 0 ? !right_x : right_y;
    return link(packet.noc, packet.at, along_x ? X : Y) * CHANNELS_OF_LINK + reply +
           (packet.wraps & (along_x ? 1 : 2) ? 1 : 0);
}

void Network::want(uint32_t index, double time) {
    Packet& packet = packets[index];
    const uint32_t channel = next_channel(packet);
    Channel& wanted = channels[channel];
    packet.next = NONE;
    if (!wanted.held && wanted.first == NONE) {
        grant(index, channel, time);
    } else if (wanted.first == NONE) {
        wanted.first = wanted.last = index;
    } else {
        packets[wanted.last].next = index;
        wanted.last = index;
    }
}

// The head goes over a link as soon as no other packet's flits do; the rest follows.
void Network::grant(uint32_t index, uint32_t channel, double time) {
    Packet& packet = packets[index];
    const uint32_t link = channel / CHANNELS_OF_LINK, direction = link / nodes % 4;
    channels[channel].held = 1;
    const double start = later(time, link_free[link]);
    const double length = direction == OUT || direction == IN ? packet.absorb : packet.flits;
    link_free[link] = start + length;
    if (job.link_flits) job.link_flits[link] += length;
    packet.path[packet.taken] = channel;
    packet.start[packet.taken++] = start;
    if (direction == IN) {
        agenda.add(start + packet.absorb + chip.niu, ARRIVED, index);
        let_go(packet, start + packet.absorb, true);
        return;
    }
    if (direction == OUT) {
        if (packet.load != Load::READ_DATA && packet.load != Load::ACKNOWLEDGEMENT)
            agenda.add(start, THREAD, packet.owner);
        agenda.add(start + chip.niu, HEAD, index);
        let_go(packet, start + length, false);
        return;
    }
    const uint32_t w = chip.width, h = chip.height;
    uint32_t x = packet.at % w, y = packet.at / w;
    uint32_t& moving = direction == X ? x : y;
    const uint32_t size = direction == X ? w : h;
    moving = packet.noc == 0 ? (moving + 1) % size : (moving + size - 1) % size;
    if (moving == (packet.noc == 0 ? 0 : size - 1)) packet.wraps |= direction == X ? 1 : 2;
    packet.at = y * w + x;
    agenda.add(start + chip.hop, HEAD, index);
    let_go(packet, start + length, false);
}

// Channels that the last flit is past: those behind which routers hold the whole packet, and all of them at its end.
void Network::let_go(Packet& packet, double tail, bool at_end) {
    while (packet.released < packet.taken) {
        const uint32_t i = packet.released, behind = packet.taken - 1 - i;
        if (!at_end && packet.flits > (behind + 1) * chip.buffer_flits) return;
        const double length = packet.start[i] + packet.flits;
        const double past = at_end || behind ? later(length, tail - behind * chip.hop) : later(length, tail);
        agenda.add(past, RELEASE, packet.path[i]);
        packet.released++;
    }
}

void Network::head(uint32_t index, double time) { want(index, time); }

void Network::release(uint32_t channel, double time) {
    Channel& freed = channels[channel];
    freed.held = 0;
    const uint32_t index = freed.first;
    if (index == NONE) return;
    freed.first = packets[index].next;
    if (freed.first == NONE) freed.last = NONE;
    grant(index, channel, time);
}

}  // namespace timing
