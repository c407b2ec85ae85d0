// How packets move; see network.h.
#include "network.h"

namespace timing {
namespace {

// Of every link: requests and replies never wait for each other, and neither do those before and behind the date line.
constexpr uint32_t CHANNELS_OF_LINK = 4;
enum Direction : uint32_t { X, Y, OUT, IN };

constexpr double HELD = 1e300;

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
      places(job),
      link_free(job) {
    for (uint32_t i = 0; i < nodes; i++) places.push({i % chip.width, i / chip.width});
    for (uint32_t i = 0; i < 2 * 4 * nodes; i++) link_free.push(0);
    for (uint32_t i = 0; i < 2 * 4 * nodes * CHANNELS_OF_LINK; i++)
        channels.push({NONE, NONE, 0, i / CHANNELS_OF_LINK, i / CHANNELS_OF_LINK / nodes % 4});
}

// NoC 0 goes right and down, NoC 1 left and up.
uint32_t Network::hops(uint32_t noc, uint32_t from, uint32_t to) const {
    const uint32_t w = chip.width, h = chip.height;
    const Place a = places.items[from], b = places.items[to];
    const uint32_t x = b.x >= a.x ? b.x - a.x : b.x + w - a.x, y = b.y >= a.y ? b.y - a.y : b.y + h - a.y;
    return noc == 0 ? x + y : (w - x) % w + (h - y) % h;
}

// A packet to be filled in, or NONE.
uint32_t Network::make() {
    if (unused.size) return unused[--unused.size];
    return packets.push({}) ? static_cast<uint32_t>(packets.size - 1) : NONE;
}

// The channel that the packet needs next: out of its node, along x and y (NoC 1: y and x), into the last node.
uint32_t Network::next_channel(Packet& packet) const {
    const Place at = places.items[packet.at], to = places.items[packet.to];
    const bool right_x = at.x == to.x, right_y = at.y == to.y, first = packet.taken == 0;
    const uint32_t reply = is_reply(packet.load) ? 2 : 0;
    if (first) return link(packet.noc, packet.at, OUT) * CHANNELS_OF_LINK + reply;
    if (right_x && right_y) return link(packet.noc, packet.at, IN) * CHANNELS_OF_LINK + reply;
    const bool along_x = packet.noc == 0 ? !right_x : right_y;
    return link(packet.noc, packet.at, along_x ? X : Y) * CHANNELS_OF_LINK + reply +
           (packet.wraps & (along_x ? 1 : 2) ? 1 : 0);
}

// The packet's head is ready for its next channel.
void Network::head(uint32_t index, double time) {
    Packet& packet = packets[index];
    const uint32_t channel = next_channel(packet);
    Channel& wanted = channels[channel];
    packet.next = NONE;
    if (wanted.first == NONE && wanted.until <= time) return grant(index, channel, time);
    packet.is_late = 1;
    if (wanted.first != NONE) {
        packets[wanted.last].next = index;
        wanted.last = index;
    } else {
        wanted.first = wanted.last = index;
        if (wanted.until < HELD) agenda.add(wanted.until, RELEASE, channel);
    }
}

// The head goes over a link as soon as no other packet's flits do; the rest follows.
void Network::grant(uint32_t index, uint32_t channel, double time) {
    Packet& packet = packets[index];
    const uint32_t link = channels[channel].link, direction = channels[channel].direction;
    channels[channel].until = HELD;
    const double start = later(time, link_free[link]);
    const double length = direction == OUT || direction == IN ? packet.absorb : packet.flits;
    link_free[link] = start + length;
    if (job.link_flits) job.link_flits[link] += length;
    packet.path[packet.taken++] = {start, channel};
    if (direction == IN) {
        agenda.add(start + packet.absorb + chip.niu, ARRIVED, index);
        let_go(packet, start + packet.absorb, true);
        return;
    }
    if (direction == OUT) {
        if (!is_reply(packet.load)) {
            if (start > time || packet.is_late) agenda.add(start, THREAD, packet.owner);
            else packet.is_taken = 1;
        }
        agenda.add(start + chip.niu, HEAD, index);
        let_go(packet, start + length, false);
        return;
    }
    const Place at = places[packet.at];
    const uint32_t moving = direction == X ? at.x : at.y, last = (direction == X ? chip.width : chip.height) - 1;
    const uint32_t step = direction == X ? 1 : chip.width;
    const bool wraps = moving == (packet.noc == 0 ? last : 0);
    if (wraps) packet.wraps |= direction == X ? 1 : 2;
    if (packet.noc == 0) packet.at = wraps ? packet.at - last * step : packet.at + step;
    else packet.at = wraps ? packet.at + last * step : packet.at - step;
    agenda.add(start + chip.hop, HEAD, index);
    let_go(packet, start + length, false);
}

// Channels that the last flit is past: those behind which routers hold the whole packet, and all of them at its end.
void Network::let_go(Packet& packet, double tail, bool at_end) {
    while (packet.released < packet.taken) {
        const uint32_t i = packet.released, behind = packet.taken - 1 - i;
        if (!at_end && packet.flits > (behind + 1) * chip.buffer_flits) return;
        const double length = packet.path[i].start + packet.flits;
        const double past = at_end || behind ? later(length, tail - behind * chip.hop) : later(length, tail);
        Channel& channel = channels[packet.path[i].channel];
        channel.until = past;
        if (channel.first != NONE) agenda.add(past, RELEASE, packet.path[i].channel);
        packet.released++;
    }
}

void Network::release(uint32_t channel, double time) {
    Channel& freed = channels[channel];
    const uint32_t index = freed.first;
    freed.first = packets[index].next;
    if (freed.first == NONE) freed.last = NONE;
    grant(index, channel, time);
}

}  // namespace timing
