// Packets of a single destination from their command to the answer, and the DRAM banks at their end.
#include "simulation.h"

namespace timing {

// Puts a transfer that was issued on its way; true: the network took it at once, else the thread waits until it does.
bool Solver::transfer(uint32_t index, const Action& action, double time) {
    Thread& thread = job.threads[index];
    const uint32_t place = network.make();
    if (place == NONE) return false;
    Packet& packet = network.packets[place];
    packet.noc = action.noc;
    packet.flags = action.flags;
    packet.from = thread.node;
    packet.to = action.node;
    packet.owner = index;
    packet.bytes = action.bytes;
    packet.channel = action.channel;
    packet.effect = action.effect;
    packet.value = action.value;
    packet.site = action.site;
    packet.sent = time;
    thread.moved += action.bytes;
    if (action.channel < job.channel_count) thread.moved_dram += action.bytes;
    if (action.kind == READ) {
        packet.load = Load::READ_REQUEST;
        packet.flits = packet.absorb = 1;
        thread.reads++;
    } else {
        packet.load = action.kind == WRITE ? Load::WRITE : Load::ATOMIC;
        packet.flits = network.flits(action.bytes);
        packet.absorb = later(packet.flits, action.bytes / chip.write_rate);
        if (!(action.flags & POSTED)) (action.kind == WRITE ? thread.writes : thread.atomics)++;
        thread.unsent++;
    }
    thread.state = SENDING;
    packet.is_taken = packet.is_late = 0;
    network.send(place, time);
    return network.packets[place].is_taken;
}

void Solver::completed(uint32_t index, double time, uint32_t Thread::* outstanding) {
    Thread& thread = job.threads[index];
    thread.*outstanding -= 1;
    if (thread.state != WAITING || thread.position >= thread.end) return;
    const uint8_t kind = action_of(thread).kind;
    if (kind >= READ_BARRIER && kind <= ATOMIC_BARRIER) {
        thread.state = READY;
        agenda.add(time, THREAD, index);
    }
}

// When a DRAM bank answers; it takes one request after the other, and data flows while it does. A bank that both reads
// and writes keeps turning, which costs it a part of its rate.
double Solver::from_dram(const Packet& packet, double time) {
    const bool is_read = packet.load == Load::READ_REQUEST;
    const bool is_small = !is_read && packet.bytes < chip.dram_small_write;
    double interval = is_read ? chip.dram_read_interval : chip.dram_write_interval;
    if (is_small) interval = chip.dram_small_write_interval;
    Bank& bank = job.channels[packet.channel];
    const double start = later(is_read ? time : time - packet.absorb, bank.free);
    const bool turns = start < bank.until[is_read ? 1 : 0] + chip.dram_turning;
    bank.free = start + later(interval, packet.bytes / (turns ? chip.dram_mixed_rate : chip.dram_rate));
    bank.until[is_read ? 0 : 1] = bank.free;
    bank.busy += bank.free - start;
    bank.bytes[is_read ? 0 : 1] += packet.bytes;
    if (is_read) return later(start, bank.free - packet.bytes / chip.read_rate) + chip.dram_read_latency;
    return later(time, bank.free - interval) + chip.dram_write_latency;
}

// A packet is at its end: it takes effect there, and is answered.
void Solver::arrived(uint32_t index, double time) {
    Packet& packet = network.packets[index];
    if (packet.load == Load::READ_DATA || packet.load == Load::ACKNOWLEDGEMENT) {
        const bool is_data = packet.load == Load::READ_DATA;
        if (is_data && job.keep) keep_transfer(packet, READ, packet.from, time);
        network.forget(index);
        return completed(packet.owner, time,
                         is_data                ? &Thread::reads
                         : (packet.flags & ADD) ? &Thread::atomics
                                                : &Thread::writes);
    }
    const bool is_read = packet.load == Load::READ_REQUEST;
    if (!is_read && job.keep) keep_transfer(packet, packet.load == Load::ATOMIC ? ATOMIC : WRITE, packet.to, time);
    arrive(packet.to, packet.effect, packet.value, packet.flags & ADD, time);
    if (!is_read) job.threads[packet.owner].unsent--;
    if (packet.flags & POSTED) return network.forget(index);
    const double ready =
        packet.channel < job.channel_count ? from_dram(packet, time) : time + (is_read ? chip.response : 0);
    const uint32_t back = packet.from;
    packet.from = packet.to;
    packet.to = back;
    if (packet.load == Load::ATOMIC) packet.flags |= ADD;
    else packet.flags &= static_cast<uint8_t>(~ADD);
    packet.load = is_read ? Load::READ_DATA : Load::ACKNOWLEDGEMENT;
    packet.flits = is_read ? network.flits(packet.bytes) : 1;
    packet.absorb = is_read ? later(packet.flits, packet.bytes / chip.read_rate) : 1;
    agenda.add(ready, SERVED, index);
}

// From the command to the arrival of its data, here or there.
void Solver::keep_transfer(const Packet& packet, uint8_t kind, uint32_t node, double time) {
    keep({packet.owner, kind, packet.noc, packet.flags, 1, packet.site, node, packet.bytes, 1, packet.channel,
          packet.value, packet.sent, packet.sent, time});
}

}  // namespace timing
