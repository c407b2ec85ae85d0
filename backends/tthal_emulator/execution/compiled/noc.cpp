// The transfers of well-behaved kernels: a queue that holds nothing but what its barrier waits for, all of it legal.
// Anything else is left untouched for noc/transfers.py, which defines what transfers do.
#include "compiled.h"

namespace tthal {
namespace {

constexpr uint32_t ADDRESS_BITS = NOC_ADDRESS_BITS, NODES = 1 << 2 * NOC_NODE_BITS;
constexpr uint64_t ADDRESS_MASK = (1ull << ADDRESS_BITS) - 1;

template <bool reading>
const tthal_node* legal_node(const tthal_launch& launch, const tthal_kernel& kernel, const NocTransfer& transfer,
                             uint32_t noc) {
    constexpr NocOperation operation = reading ? NocOperation::READ : NocOperation::WRITE;
    if (transfer.operation != operation || transfer.noc != noc || transfer.flags != 0) return nullptr;
    const uint64_t place = transfer.remote >> ADDRESS_BITS, address = transfer.remote & ADDRESS_MASK;
    if (place >= NODES) return nullptr;
    const tthal_node& node = launch.nodes[noc][place];
    const uint32_t mask = reading ? node.read_mask : node.write_mask;
    const bool legal = node.memory != nullptr && address + transfer.size <= node.size &&
                       static_cast<uint64_t>(transfer.local) + transfer.size <= kernel.l1_size &&
                       ((address ^ transfer.local) & mask) == 0;
    return legal ? &node : nullptr;
}

template <bool reading>
bool carry_out(tthal_launch& launch, tthal_kernel& kernel, uint32_t noc) {
    ProcessorBlock& block = block_of(kernel);
    const uint32_t waiting = block.noc_queue_count;
    if (waiting > NOC_QUEUE_CAPACITY) return false;
    for (uint32_t i = 0; i < waiting; i++)
        if (legal_node<reading>(launch, kernel, block.noc_queue[i], noc) == nullptr) return false;
    for (uint32_t i = 0; i < waiting; i++) {
        const NocTransfer transfer = block.noc_queue[i];
        const tthal_node& node = launch.nodes[noc][transfer.remote >> ADDRESS_BITS];
        uint8_t* const remote = node.memory + (transfer.remote & ADDRESS_MASK);
        uint8_t* const local = kernel.l1 + transfer.local;
        launch.moved += transfer.size;
        if constexpr (reading) {
            launch.move(local, remote, transfer.size);
        } else {
            launch.move(remote, local, transfer.size);
            if (node.core != NONE) tthal_mark_dirty(&launch, node.core);
        }
    }
    if (launch.observed && launch.is_heard[static_cast<uint8_t>(MonitorEvent::ARRIVED)])
        for (uint32_t i = 0; i < waiting; i++) announce(launch, kernel, MonitorEvent::ARRIVED, block.noc_queue[i]);
    block.noc_queue_count = 0;
    return true;
}

bool carry_out(tthal_launch& launch, tthal_kernel& kernel, const HandOver& reason) {
    const bool plain =
        !reason.queue_full && !reason.poll && reason.noc <= 1 && reason.transaction_id == ANY_TRANSACTION_ID;
    // While Python holds earlier transfers of this processor, later ones on the same route must not overtake them.
    if (kernel.held || launch.on_host || !plain) return false;
    if (launch.moved >= MOST_MOVED) {
        launch.moved = 0;
        return false;
    }
    switch (static_cast<NocOperation>(reason.operation)) {
        case NocOperation::READ_BARRIER: return carry_out<true>(launch, kernel, reason.noc);
        case NocOperation::WRITE_BARRIER: return carry_out<false>(launch, kernel, reason.noc);
        default: return false;
    }
}

}  // namespace
}  // namespace tthal

using namespace tthal;

// The host function `noc`.
extern "C" void* tthal_noc(void* env, void* caller, void* values, size_t count) {
    tthal_launch& launch = *static_cast<tthal_launch*>(env);
    tthal_processor& processor = caller_of(launch, caller);
    processor.called = true;
    if (launch.observed && processor.kernel != nullptr) collect_records(launch, *processor.kernel);
    const HandOver reason = HandOver::unpacked(static_cast<RawValue*>(values)->u32);
    if (processor.kernel != nullptr && carry_out(launch, *processor.kernel, reason)) return nullptr;
    return launch.noc_on_host(env, caller, values, count);
}
