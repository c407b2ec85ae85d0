// The stacks of fibers, kept from one run of a processor to the next: mapping one anew costs more than a short kernel.
#include "compiled.h"

namespace {

struct StackMemory {  // wasmtime_stack_memory_t
    void* env;
    uint8_t* (*get)(void* env, size_t* size);
    void (*finalizer)(void* env);
};

uint8_t* top_of(void* env, size_t* size) {
    const tthal_stack& stack = *static_cast<tthal_stack*>(env);
    *size = stack.size;
    return stack.top;
}

void give_back(void* env) {
    tthal_stack* const stack = static_cast<tthal_stack*>(env);
    stack->next = stack->owner->free;
    stack->owner->free = stack;
}

}  // namespace

extern "C" void* tthal_new_stack(void* env, size_t size, bool zeroed, void* memory) {
    tthal_stacks& stacks = *static_cast<tthal_stacks*>(env);
    tthal_stack* stack = stacks.free;
    if (zeroed || (stack != nullptr && stack->size < size))
        return stacks.new_error("a stack of another kind is needed");
    if (stack != nullptr) stacks.free = stack->next;
    else stack = stacks.make(size);
    if (stack == nullptr) return stacks.new_error("no memory for a processor's stack");
    *static_cast<StackMemory*>(memory) = {stack, top_of, give_back};
    return nullptr;
}
