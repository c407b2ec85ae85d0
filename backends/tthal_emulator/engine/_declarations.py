"""The part of wasmtime 50's C interface that the engine uses, in cffi's spelling of C.

Parsing C takes longer than everything else at start-up, so `_interface.py` holds these declarations in cffi's compiled
form; `python -m tthal_emulator.engine.generate_interface` writes it anew after a change, and a test compares the two.

Vectors that a function takes or fills are passed by pointer; opaque types stay opaque.
"""

from __future__ import annotations

WASMTIME = """
typedef struct wasm_config_t wasm_config_t;
typedef struct wasm_engine_t wasm_engine_t;
typedef struct wasmtime_store wasmtime_store_t;
typedef struct wasmtime_context wasmtime_context_t;
typedef struct wasmtime_module wasmtime_module_t;
typedef struct wasmtime_error wasmtime_error_t;
typedef struct wasmtime_linker wasmtime_linker_t;
typedef struct wasmtime_sharedmemory wasmtime_sharedmemory_t;
typedef struct wasmtime_instance_pre wasmtime_instance_pre_t;
typedef struct wasmtime_call_future wasmtime_call_future_t;
typedef struct wasmtime_caller wasmtime_caller_t;
typedef struct wasm_trap_t wasm_trap_t;
typedef struct wasm_memorytype_t wasm_memorytype_t;
typedef struct wasm_functype_t wasm_functype_t;
typedef struct wasm_valtype_t wasm_valtype_t;
typedef struct wasm_externtype_t wasm_externtype_t;
typedef struct wasm_importtype_t wasm_importtype_t;
typedef struct wasm_exporttype_t wasm_exporttype_t;

typedef struct { size_t size; char* data; } wasm_byte_vec_t;
typedef struct { size_t size; wasm_valtype_t** data; } wasm_valtype_vec_t;
typedef struct { size_t size; wasm_importtype_t** data; } wasm_importtype_vec_t;
typedef struct { size_t size; wasm_exporttype_t** data; } wasm_exporttype_vec_t;

typedef struct { uint64_t store_id; size_t private_1; } wasmtime_instance_t;
typedef struct { uint64_t store_id; void* private_1; } wasmtime_func_t;
typedef struct { uint64_t store_id; uint32_t private_1; uint32_t private_2; uint32_t private_3; } wasmtime_global_t;
typedef struct { uint64_t store_id; uint32_t private_1; uint32_t private_2; void* private_3; } wasmtime_ref_t;
typedef union {
    int32_t i32; uint32_t u32; int64_t i64; float f32; double f64; uint8_t v128[16]; void* funcref;
} wasmtime_val_raw_t;
typedef struct {
    uint8_t kind;
    union {
        int32_t i32; uint32_t u32; int64_t i64; float f32; double f64; uint8_t v128[16];
        wasmtime_ref_t reference; wasmtime_func_t funcref;
    } of;
} wasmtime_val_t;
typedef struct {
    uint8_t kind;
    union { wasmtime_func_t func; wasmtime_global_t global; wasmtime_sharedmemory_t* sharedmemory; } of;
} wasmtime_extern_t;

void wasm_byte_vec_delete(wasm_byte_vec_t*);
void wasmtime_error_message(const wasmtime_error_t*, wasm_byte_vec_t*);
void wasmtime_error_delete(wasmtime_error_t*);
wasmtime_error_t* wasmtime_error_new(const char*);

wasm_config_t* wasm_config_new(void);
void wasmtime_config_async_stack_size_set(wasm_config_t*, uint64_t);
void wasmtime_config_max_wasm_stack_set(wasm_config_t*, size_t);
void wasmtime_config_consume_fuel_set(wasm_config_t*, bool);
void wasmtime_config_wasm_threads_set(wasm_config_t*, bool);
void wasmtime_config_shared_memory_set(wasm_config_t*, bool);
void wasmtime_config_wasm_bulk_memory_set(wasm_config_t*, bool);
void wasmtime_config_wasm_reference_types_set(wasm_config_t*, bool);
void wasmtime_config_wasm_multi_memory_set(wasm_config_t*, bool);
void wasmtime_config_wasm_memory64_set(wasm_config_t*, bool);
void wasmtime_config_wasm_component_model_set(wasm_config_t*, bool);
void wasmtime_config_wasm_component_model_async_set(wasm_config_t*, bool);
void wasmtime_config_concurrency_support_set(wasm_config_t*, bool);
void wasmtime_config_parallel_compilation_set(wasm_config_t*, bool);
void wasmtime_config_memory_init_cow_set(wasm_config_t*, bool);
wasm_engine_t* wasm_engine_new_with_config(wasm_config_t*);
void wasm_engine_delete(wasm_engine_t*);

typedef uint8_t* (*wasmtime_memory_get_t)(void* env, size_t* byte_size, size_t* maximum_byte_size);
typedef wasmtime_error_t* (*wasmtime_memory_grow_t)(void* env, size_t new_size);
typedef void (*finalizer_t)(void* env);
typedef struct {
    void* env; wasmtime_memory_get_t get_memory; wasmtime_memory_grow_t grow_memory; finalizer_t finalizer;
} wasmtime_linear_memory_t;
typedef wasmtime_error_t* (*wasmtime_new_memory_t)(
    void* env, const wasm_memorytype_t*, size_t minimum, size_t maximum, size_t reserved, size_t guard,
    wasmtime_linear_memory_t* memory_ret);
typedef struct { void* env; wasmtime_new_memory_t new_memory; finalizer_t finalizer; } wasmtime_memory_creator_t;
void wasmtime_config_host_memory_creator_set(wasm_config_t*, wasmtime_memory_creator_t*);

typedef uint8_t* (*wasmtime_stack_memory_get_callback_t)(void* env, size_t* out_len);
typedef struct {
    void* env; wasmtime_stack_memory_get_callback_t get_stack_memory; finalizer_t finalizer;
} wasmtime_stack_memory_t;
typedef wasmtime_error_t* (*wasmtime_new_stack_memory_callback_t)(
    void* env, size_t size, bool zeroed, wasmtime_stack_memory_t* stack_ret);
typedef struct {
    void* env; wasmtime_new_stack_memory_callback_t new_stack; finalizer_t finalizer;
} wasmtime_stack_creator_t;
void wasmtime_config_host_stack_creator_set(wasm_config_t*, wasmtime_stack_creator_t*);

wasmtime_store_t* wasmtime_store_new(wasm_engine_t*, void* data, finalizer_t);
void wasmtime_store_delete(wasmtime_store_t*);
wasmtime_context_t* wasmtime_store_context(wasmtime_store_t*);
wasmtime_context_t* wasmtime_caller_context(wasmtime_caller_t*);
void* wasmtime_context_get_data(const wasmtime_context_t*);
wasmtime_error_t* wasmtime_context_set_fuel(wasmtime_context_t*, uint64_t);
wasmtime_error_t* wasmtime_context_get_fuel(wasmtime_context_t*, uint64_t*);
wasmtime_error_t* wasmtime_context_fuel_async_yield_interval(wasmtime_context_t*, uint64_t);

wasmtime_error_t* wasmtime_module_new(wasm_engine_t*, const uint8_t*, size_t, wasmtime_module_t**);
void wasmtime_module_delete(wasmtime_module_t*);
wasmtime_error_t* wasmtime_module_serialize(wasmtime_module_t*, wasm_byte_vec_t*);
wasmtime_error_t* wasmtime_module_deserialize(wasm_engine_t*, const uint8_t*, size_t, wasmtime_module_t**);
void wasmtime_module_imports(const wasmtime_module_t*, wasm_importtype_vec_t*);
void wasmtime_module_exports(const wasmtime_module_t*, wasm_exporttype_vec_t*);
void wasm_importtype_vec_delete(wasm_importtype_vec_t*);
void wasm_exporttype_vec_delete(wasm_exporttype_vec_t*);
const wasm_byte_vec_t* wasm_importtype_module(const wasm_importtype_t*);
const wasm_byte_vec_t* wasm_importtype_name(const wasm_importtype_t*);
const wasm_externtype_t* wasm_importtype_type(const wasm_importtype_t*);
const wasm_byte_vec_t* wasm_exporttype_name(const wasm_exporttype_t*);
const wasm_memorytype_t* wasm_externtype_as_memorytype_const(const wasm_externtype_t*);
uint64_t wasmtime_memorytype_minimum(const wasm_memorytype_t*);

typedef wasm_trap_t* (*wasmtime_func_unchecked_callback_t)(
    void* env, wasmtime_caller_t*, wasmtime_val_raw_t* args_and_results, size_t count);
typedef bool (*wasmtime_func_async_continuation_callback_t)(void* env);
typedef struct {
    wasmtime_func_async_continuation_callback_t callback; void* env; finalizer_t finalizer;
} wasmtime_async_continuation_t;
typedef void (*wasmtime_func_async_callback_t)(
    void* env, wasmtime_caller_t*, const wasmtime_val_t* args, size_t nargs, wasmtime_val_t* results,
    size_t nresults, wasm_trap_t** trap_ret, wasmtime_async_continuation_t* continuation_ret);
wasmtime_linker_t* wasmtime_linker_new(wasm_engine_t*);
void wasmtime_linker_delete(wasmtime_linker_t*);
wasmtime_error_t* wasmtime_linker_define_func_unchecked(
    wasmtime_linker_t*, const char* module, size_t, const char* name, size_t, const wasm_functype_t*,
    wasmtime_func_unchecked_callback_t, void* env, finalizer_t);
wasmtime_error_t* wasmtime_linker_define_async_func(
    wasmtime_linker_t*, const char* module, size_t, const char* name, size_t, const wasm_functype_t*,
    wasmtime_func_async_callback_t, void* env, finalizer_t);
wasmtime_error_t* wasmtime_linker_define(
    wasmtime_linker_t*, wasmtime_context_t*, const char* module, size_t, const char* name, size_t,
    const wasmtime_extern_t*);
wasmtime_error_t* wasmtime_linker_instantiate_pre(
    const wasmtime_linker_t*, const wasmtime_module_t*, wasmtime_instance_pre_t**);
void wasmtime_instance_pre_delete(wasmtime_instance_pre_t*);
wasmtime_call_future_t* wasmtime_instance_pre_instantiate_async(
    const wasmtime_instance_pre_t*, wasmtime_context_t*, wasmtime_instance_t*, wasm_trap_t**, wasmtime_error_t**);
bool wasmtime_instance_export_get(
    wasmtime_context_t*, const wasmtime_instance_t*, const char* name, size_t, wasmtime_extern_t*);
void wasmtime_global_get(wasmtime_context_t*, const wasmtime_global_t*, wasmtime_val_t*);
wasmtime_error_t* wasmtime_global_set(wasmtime_context_t*, const wasmtime_global_t*, const wasmtime_val_t*);
wasmtime_call_future_t* wasmtime_func_call_async(
    wasmtime_context_t*, const wasmtime_func_t*, const wasmtime_val_t* args, size_t nargs, wasmtime_val_t* results,
    size_t nresults, wasm_trap_t**, wasmtime_error_t**);
bool wasmtime_call_future_poll(wasmtime_call_future_t*);
void wasmtime_call_future_delete(wasmtime_call_future_t*);

wasm_valtype_t* wasm_valtype_new(uint8_t);
void wasm_valtype_vec_new(wasm_valtype_vec_t*, size_t, wasm_valtype_t**);
wasm_functype_t* wasm_functype_new(wasm_valtype_vec_t*, wasm_valtype_vec_t*);
void wasm_functype_delete(wasm_functype_t*);
wasmtime_error_t* wasmtime_memorytype_new(
    uint64_t minimum, bool maximum_present, uint64_t maximum, bool is_64, bool shared, uint8_t page_size_log2,
    wasm_memorytype_t**);
void wasm_memorytype_delete(wasm_memorytype_t*);
wasmtime_error_t* wasmtime_sharedmemory_new(const wasm_engine_t*, const wasm_memorytype_t*, wasmtime_sharedmemory_t**);
void wasmtime_sharedmemory_delete(wasmtime_sharedmemory_t*);
uint8_t* wasmtime_sharedmemory_data(const wasmtime_sharedmemory_t*);

wasm_trap_t* wasmtime_trap_new(const char*, size_t);
void wasm_trap_delete(wasm_trap_t*);
void wasm_trap_message(const wasm_trap_t*, wasm_byte_vec_t*);
bool wasmtime_trap_code(const wasm_trap_t*, uint8_t*);
"""

# The platform's `struct sigaction` is smaller and begins with the handler; nothing else of it is looked at.
LIBC = """
void* mmap(void* address, size_t length, int protection, int flags, int fd, int64_t offset);
int munmap(void* address, size_t length);
int mprotect(void* address, size_t length, int protection);
int madvise(void* address, size_t length, int advice);
void* memmove(void* destination, const void* source, size_t size);
void* memset(void* destination, int byte, size_t size);
int usleep(unsigned microseconds);
typedef struct { uintptr_t handler; uint8_t rest[248]; } action_t;
int sigaction(int number, const action_t* action, action_t* old);
"""
