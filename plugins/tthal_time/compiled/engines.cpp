// What the three engines of a compute processor do for the calls of its kernel (capture.h).
#include "capture.h"

namespace timing {

void Translator::work(uint32_t list, double cycles, uint32_t site, uint32_t bytes, uint32_t value,
                      uint32_t count) {
    engage(list, cycles);
    Action* action = add(list, WORK, cycles, site);
    if (!action) return;
    action->bytes = bytes;
    action->value = value;
    action->count = count;
}

// An engine works on its own: so long its processor goes on beside it. What a call costs was measured in loops.
void Translator::engage(uint32_t list, double cycles) {
    const uint32_t engine = list % SLOTS - COMPUTE;
    double& free = capture.processors[list - engine].free[engine];
    const double least = cycles > cost(ISSUE_LOOP) ? cycles : cost(ISSUE_LOOP);
    if (free < least) free = least;
}

// The kernel's own code since the last event: each of the three processors runs all of it.
void Translator::computed(const Record& record, Processor& processor, uint32_t core) {
    call_done(processor, core);
    if (has_spun(record, processor)) return;
    const double cycles = own_cycles(record);
    for (uint32_t engine = UNPACK; engine <= PACK; engine++) {
        double& free = processor.free[engine];
        const double beside = cycles < free ? cycles : free;
        free -= beside;
        if (cycles > beside) add(core * SLOTS + COMPUTE + engine, CODE, cycles - beside, record.site);
    }
}

double Translator::math_cycles(const Processor& processor, uint32_t core, uint32_t operation) const {
    const uint32_t row = operation % OPERATIONS * VARIANTS + processor.variant % VARIANTS;
    return capture.math[row * PHASES + capture.phases[core] % PHASES];
}

// Both unpackers work at the same time, and share what L1 gives. A reduction takes one face of its scaler; a product of
// blocks takes the operand again that has more tiles, and the other one tile after the other.
double Translator::unpack_cycles(const Processor& processor) const {
    const double fixed = capture.unpack[processor.operation % OPERATIONS];
    if (fixed > 0) return fixed;
    double bytes[2] = {static_cast<double>(processor.bytes[0]), static_cast<double>(processor.bytes[1])};
    if (is_reduction(processor.operation)) bytes[1] = 0;
    if (is(processor.operation, TileOperation::MATMUL)) {
        const uint32_t few = processor.tiles[0] < processor.tiles[1] ? 0 : 1;
        bytes[few] /= processor.tiles[1 - few];
    }
    const double most = bytes[0] > bytes[1] ? bytes[0] : bytes[1];
    const double alone = most / cost(UNPACK_RATE) + cost(UNPACK_CALL);
    const double both = (bytes[0] + bytes[1]) / cost(UNPACK_BOTH_RATE);
    return alone > both ? alone : both;
}

// All that a call reads is known: UNPACK hands it to MATH, of a product of blocks tile by tile.
void Translator::call_done(Processor& processor, uint32_t core) {
    if (!processor.calls_open) return;
    processor.calls_open = 0;
    const uint32_t list = core * SLOTS + COMPUTE, site = processor.site;
    const uint32_t steps = is(processor.operation, TileOperation::MATMUL) ? processor.tiles[0] * processor.tiles[1] : 1;
    const double read = unpack_cycles(processor), cycles = math_cycles(processor, core, processor.operation);
    engage(list + UNPACK, read);
    engage(list + MATH, cycles + cost(MATH_CALL));
    for (uint32_t step = 0; step < steps; step++) {
        if (Action* unpack = add(list + UNPACK, HAND_ON, read, site)) {
            unpack->channel = source(core);
            unpack->bytes = processor.bytes[0] + processor.bytes[1];
        }
        if (Action* math = add(list + MATH, TAKE_UP, cycles + cost(MATH_CALL), site)) {
            math->channel = source(core);
            math->value = processor.operation + 1;
            math->count = processor.variant + 1;
        }
    }
}

void Translator::operand(const Record& record, Processor& processor, uint32_t core) {
    const bool same = processor.calls_open && processor.operation == record.value && processor.site == record.site;
    const bool product = is(record.value, TileOperation::MATMUL);
    const bool again = same && product && processor.tiles[1] && record.id == processor.first_cb;
    const bool two = is(record.value, TileOperation::BINARY) || is_reduction(record.value);
    const bool whole = same && !product && (!two || processor.tiles[1]);
    if (!same || again || whole) call_done(processor, core);
    if (!processor.calls_open) {
        processor.calls_open = 1;
        processor.operation = record.value;
        processor.site = record.site;
        for (uint32_t each = 0; each < 2; each++) processor.tiles[each] = processor.bytes[each] = 0;
        processor.first_cb = record.id;
    }
    const uint32_t which = product ? record.id != processor.first_cb : processor.tiles[0] != 0;
    processor.tiles[which]++;
    processor.bytes[which] = record.size;
}

void Translator::vector_operation(const Record& record, Processor& processor, uint32_t core) {
    call_done(processor, core);
    const double share = record.size ? static_cast<double>(record.size) / VECTORS_OF_TILE : 1;
    VectorFunction& function = vector_function(record.value, record.extra);
    const double call = cost(VECTOR_CALL), whole = function.cycles;
    const double cycles = call + (whole > call ? whole - call : 0) * share;
    function.calls++;
    function.took += cycles;
    work(core * SLOTS + COMPUTE + MATH, cycles, record.site);
}

void Translator::set_up(const Record& record, Processor& processor, uint32_t core) {
    const uint32_t list = core * SLOTS + COMPUTE, site = record.site;
    call_done(processor, core);
    if (record.event == EventKind::FORMAT_SET) {
        const bool packs = static_cast<FormatUnit>(record.id) == FormatUnit::PACKER;
        return work(list + (packs ? PACK : UNPACK), cost(packs ? PACK_FORMAT : UNPACK_FORMAT), site);
    }
    const SetUp kind = static_cast<SetUp>(record.value & 0xFF);
    const uint32_t details = record.value >> 8;
    if (kind == SetUp::VECTOR) return work(list + MATH, cost(VECTOR_SET_UP), site);
    if (kind == SetUp::STARTUP) {
        for (uint32_t engine = UNPACK; engine <= PACK; engine++) work(list + engine, cost(STARTUP_COST), site);
        return;
    }
    processor.variant = (details & 3) | (details >> 4 & 3) << 2;
    const bool tilizes = kind == SetUp::TILIZE || kind == SetUp::ANY;  // to it and back
    work(list + UNPACK, cost(tilizes ? TILIZE_SET_UP : UNPACK_SET_UP), site);
    work(list + MATH, cost(MATH_SET_UP), site);
}

void Translator::section_call(const Record& record, Processor& processor, uint32_t core) {
    const uint32_t list = core * SLOTS + COMPUTE, site = record.site;
    call_done(processor, core);
    const DstCall call = static_cast<DstCall>(record.id);
    if (call == DstCall::ACQUIRE) {
        queue(list + MATH, QUEUE_RESERVE, section(core), 1, cost(SECTION_CALL), site);
        processor.acquired = 1;
        processor.committed = processor.waited = 0;
    } else if (call == DstCall::COMMIT) {
        if (processor.acquired && !processor.committed)
            queue(list + MATH, QUEUE_PUSH, section(core), 1, cost(SECTION_CALL), site);
        processor.committed = 1;
    } else if (call == DstCall::WAIT) {
        if (!processor.waited) queue(list + PACK, QUEUE_WAIT, section(core), 1, 0, site);
        processor.waited = 1;
    } else if (call == DstCall::RELEASE && processor.acquired) {
        if (!processor.committed) queue(list + MATH, QUEUE_PUSH, section(core), 1, 0, site);
        if (!processor.waited) queue(list + PACK, QUEUE_WAIT, section(core), 1, 0, site);
        queue(list + PACK, QUEUE_POP, section(core), 1, cost(PACK_SECTION), site);
        processor.acquired = 0;
    }
}

void Translator::result(const Record& record, Processor& processor, uint32_t core) {
    const uint32_t list = core * SLOTS + COMPUTE;
    call_done(processor, core);
    if (processor.acquired && !processor.committed) {
        queue(list + MATH, QUEUE_PUSH, section(core), 1, 0, record.site);
        processor.committed = 1;
    }
    if (processor.acquired && !processor.waited) {
        queue(list + PACK, QUEUE_WAIT, section(core), 1, 0, record.site);
        processor.waited = 1;
    }
    Cost rate = record.remote ? PACK_ADD_RATE : PACK_RATE;
    if (is(record.value, TileOperation::PACK_UNTILIZE)) rate = PACK_UNTILIZE_RATE;
    work(list + PACK, record.size / cost(rate) + cost(PACK_CALL), record.site, record.size);
}

}  // namespace timing
