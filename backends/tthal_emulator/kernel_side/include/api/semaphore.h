// A semaphore as an object: the same word on this core, on another one, or on a rectangle of cores (device-api.md §4).
#pragma once

#include "api/dataflow/noc.h"
#include "api/dataflow/semaphore_binding_token.h"

#pragma clang attribute push(__attribute__((always_inline)), apply_to = function)

template <ProgrammableCoreType core_type = ProgrammableCoreType::TENSIX>
class Semaphore {
public:
    explicit Semaphore(uint32_t id) : address_(get_semaphore<core_type>(id)) {}
    explicit Semaphore(SemaphoreBindingToken token) : Semaphore(token.id) {}

    // ---- here

    void up(uint32_t value) { noc_semaphore_set(word(), *word() + value); }
    void down(uint32_t value) {
        wait_min(value);
        noc_semaphore_set(word(), *word() - value);
    }
    void set(uint32_t value) { noc_semaphore_set(word(), value); }
    void wait(uint32_t value) const { noc_semaphore_wait(word(), value); }
    void wait_min(uint32_t value) const { noc_semaphore_wait_min(word(), value); }

    // Kernels poll it, so it lets the others run.
    uint32_t value() const {
        invalidate_l1_cache();
        return *word();
    }

    // ---- on other cores

    void up(const Noc& noc, uint32_t noc_x, uint32_t noc_y, uint32_t value, uint8_t = NOC_UNICAST_WRITE_VC) {
        noc_semaphore_inc(::get_noc_addr(noc_x, noc_y, address_, noc.get_noc_id()), value, noc.get_noc_id());
    }

    // Writes this core's value.
    template <NocOptions options = NocOptions::DEFAULT>
    void set_multicast(const Noc& noc, uint32_t noc_x_start, uint32_t noc_y_start, uint32_t noc_x_end,
                       uint32_t noc_y_end, uint32_t num_dests, bool linked = false) {
        relay_multicast<options>(noc, *this, noc_x_start, noc_y_start, noc_x_end, noc_y_end, num_dests, linked);
    }

    template <Noc::McastMode mode>
    void set_multicast(const Noc& noc, uint32_t noc_x_start, uint32_t noc_y_start, uint32_t noc_x_end,
                       uint32_t noc_y_end, uint32_t num_dests, bool linked = false) {
        set_multicast<tthal::options_of(mode)>(noc, noc_x_start, noc_y_start, noc_x_end, noc_y_end, num_dests, linked);
    }

    void inc_multicast(const Noc& noc, uint32_t noc_x_start, uint32_t noc_y_start, uint32_t noc_x_end,
                       uint32_t noc_y_end, uint32_t value, uint32_t num_dests) {
        const uint64_t targets =
            ::get_noc_multicast_addr(noc_x_start, noc_y_start, noc_x_end, noc_y_end, address_, noc.get_noc_id());
        noc_semaphore_inc_multicast(targets, value, num_dests, noc.get_noc_id());
    }

    // Writes this semaphore's value into another one.
    template <ProgrammableCoreType target_type = core_type>
    void relay_unicast(const Noc& noc, const Semaphore<target_type>& target, uint32_t noc_x, uint32_t noc_y) {
        const uint64_t remote = ::get_noc_addr(noc_x, noc_y, target.address_, noc.get_noc_id());
        noc_semaphore_set_remote(address_, remote, noc.get_noc_id());
    }

    template <NocOptions options = NocOptions::DEFAULT, ProgrammableCoreType target_type = core_type>
    void relay_multicast(const Noc& noc, const Semaphore<target_type>& target, uint32_t noc_x_start,
                         uint32_t noc_y_start, uint32_t noc_x_end, uint32_t noc_y_end, uint32_t num_dests,
                         bool linked = false) {
        const uint64_t remote =
            ::get_noc_multicast_addr(noc_x_start, noc_y_start, noc_x_end, noc_y_end, target.address_, noc.get_noc_id());
        if constexpr (has_flag(options, NocOptions::MCAST_INCL_SRC))
            noc_semaphore_set_multicast_loopback_src(address_, remote, num_dests, linked, noc.get_noc_id());
        else noc_semaphore_set_multicast(address_, remote, num_dests, linked, noc.get_noc_id());
    }

private:
    template <ProgrammableCoreType>
    friend class Semaphore;

    volatile uint32_t* word() const { return reinterpret_cast<volatile uint32_t*>(address_); }

    uintptr_t address_;
};

Semaphore(uint32_t) -> Semaphore<>;
Semaphore(SemaphoreBindingToken) -> Semaphore<>;

#pragma clang attribute pop
