/* The C surface of the shim: opaque handles, plain structs, int results.
 *
 * The Python side parses this very file (preprocessor lines removed) and compares every struct below with the table of
 * ttm_layout_table(), so a stale binary or a stale text is found when the shim is loaded. Keep it to plain C.
 *
 * Every function that returns int returns a ttm_status; after anything but TTM_OK the calling thread's ttm_error() says
 * what the vendor's library said. Coordinates are logical unless a name says otherwise; sizes and addresses are bytes.
 */
#ifndef TTHAL_METAL_H
#define TTHAL_METAL_H
#include <stddef.h>
#include <stdint.h>
#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    TTM_OK = 0,
    TTM_VENDOR_ERROR = 1,  /* the library threw a std::exception */
    TTM_UNKNOWN_ERROR = 2, /* it threw something else */
    TTM_BAD_ARGUMENT = 3,  /* the shim refused the call */
    TTM_NOT_IN_LIBRARY = 4 /* this library does not export what the call needs */
} ttm_status;

typedef struct ttm_device ttm_device;
typedef struct ttm_buffer ttm_buffer;
typedef struct ttm_program ttm_program;
typedef struct ttm_workload ttm_workload;

typedef struct {
    const char* name; /* "struct" or "struct.field" */
    uint32_t offset;
    uint32_t size;
} ttm_layout_row;

typedef struct {
    uint32_t x, y;
} ttm_core;

typedef struct {
    uint32_t x0, y0, x1, y1; /* both corners included */
} ttm_core_range;

typedef struct {
    int32_t device_id;
    uint32_t num_queues;
    uint64_t l1_small_size;
    uint64_t trace_region_size;
    uint64_t worker_l1_size;
} ttm_device_config;

typedef struct {
    int32_t arch;
    int32_t cluster_type;
    uint32_t grid_x, grid_y;
    uint32_t l1_size;
    uint32_t num_queues;
    uint32_t l1_banks, dram_banks;
    uint64_t l1_base, dram_base;
    uint64_t l1_bank_size, dram_bank_size; /* what the allocator may use */
    uint64_t dram_size;                    /* of one bank, whole */
    uint32_t l1_alignment, dram_alignment;
    uint32_t max_circular_buffers;
    uint32_t max_noc_burst;
} ttm_device_info;

typedef struct {
    uint64_t size, page_size;
    int32_t buffer_type;
    int32_t layout;    /* TensorMemoryLayout */
    int32_t bottom_up; /* -1: the library's choice */
    int32_t has_address;
    uint64_t address;
    const ttm_core_range* shard_grid;
    uint32_t shard_grid_size;
    uint32_t rank;
    const uint32_t* tensor_shape; /* pages; rank entries */
    const uint32_t* shard_shape;  /* pages; rank entries */
    int32_t orientation;
    int32_t strategy;
} ttm_buffer_config;

typedef struct {
    uint64_t address;
    uint64_t size;
    uint64_t page_size;
    uint64_t aligned_page_size;
    uint64_t aligned_size_per_bank;
    uint32_t num_device_pages;
} ttm_buffer_info;

typedef struct {
    const char* path;
    const ttm_core_range* cores;
    uint32_t num_ranges;
    int32_t is_compute;
    int32_t opt_level;
    int32_t processor, noc, noc_mode;                                                               /* data movement */
    int32_t math_fidelity, fp32_dest_acc_en, dst_full_sync_en, bfp8_pack_precise, math_approx_mode; /* compute */
    const uint8_t* unpack_to_dest_mode;
    uint32_t num_unpack_to_dest_mode;
    const uint32_t* compile_args;
    uint32_t num_compile_args;
    const char* const* named_args; /* names */
    const uint32_t* named_values;
    uint32_t num_named_args;
    const char* const* defines; /* name, value, name, value ... */
    uint32_t num_defines;
    const char* const* include_paths;
    uint32_t num_include_paths;
} ttm_kernel_config;

typedef struct {
    uint32_t index;
    uint32_t data_format;
    uint32_t page_size;
    uint32_t tile_height, tile_width; /* 0: the library's default, 32x32 */
} ttm_cb_format;

typedef struct {
    uint32_t total_size;
    uint32_t num_indices;
    int32_t is_bound;
    uint32_t bound_address;
    uint32_t indices[64];
    uint32_t page_sizes[64];
    uint32_t data_formats[64];
} ttm_cb_info;

/* ---- the shim and the library */
uint32_t ttm_shim_version(void);
const char* ttm_shim_identity(void);
int ttm_uses_vendor_headers(void);
const char* ttm_error(void);
const char* ttm_error_type(void);
int ttm_layout_table(const ttm_layout_row** rows, size_t* count);
int ttm_probe_cb_config(size_t* written, size_t* expected);
int ttm_set_root(const char* directory);
int ttm_num_devices(size_t* count);

/* ---- devices */
int ttm_device_open(const ttm_device_config* config, ttm_device** device);
int ttm_device_close(ttm_device* device);
int ttm_device_describe(ttm_device* device, ttm_device_info* info);
int ttm_device_worker(ttm_device* device, ttm_core logical, ttm_core* virtual_core);
int ttm_device_l1_bank(ttm_device* device, uint32_t bank, ttm_core* logical);
int ttm_device_dram_bank(ttm_device* device, uint32_t bank, int noc, ttm_core* virtual_core, int64_t* offset);
int ttm_device_finish(ttm_device* device, uint32_t queue);
int ttm_l1_write(ttm_device* device, ttm_core logical, uint64_t address, const void* data, size_t size);
int ttm_l1_read(ttm_device* device, ttm_core logical, uint64_t address, void* data, size_t size);
int ttm_dram_write(ttm_device* device, uint32_t bank, uint64_t address, const void* data, size_t size);
int ttm_dram_read(ttm_device* device, uint32_t bank, uint64_t address, void* data, size_t size);

/* ---- buffers */
int ttm_buffer_create(ttm_device* device, const ttm_buffer_config* config, ttm_buffer** buffer);
int ttm_buffer_describe(ttm_buffer* buffer, ttm_buffer_info* info);
int ttm_buffer_write(ttm_buffer* buffer, uint32_t queue, const void* data, size_t size, int blocking);
int ttm_buffer_read(ttm_buffer* buffer, uint32_t queue, void* data, size_t size);
int ttm_buffer_free(ttm_buffer* buffer);

/* ---- programs */
int ttm_program_create(ttm_program** program);
int ttm_program_free(ttm_program* program);
int ttm_program_compile(ttm_program* program, ttm_device* device);
int ttm_kernel_create(ttm_program* program, const ttm_kernel_config* config, uint32_t* kernel);
int ttm_kernel_create_from_source(ttm_program* program, const ttm_kernel_config* config, const char* source,
                                  uint32_t* kernel);
/* the library's own choice of an id, which has to be the wanted one; and an id of the caller's choice */
int ttm_semaphore_create(ttm_program* program, const ttm_core_range* cores, uint32_t num_ranges, uint32_t initial_value,
                         uint32_t id);
int ttm_semaphore_create_with_id(ttm_program* program, const ttm_core_range* cores, uint32_t num_ranges,
                                 uint32_t initial_value, uint32_t id);
int ttm_cb_create(ttm_program* program, const ttm_core_range* cores, uint32_t num_ranges, uint32_t total_size,
                  const ttm_cb_format* formats, uint32_t num_formats, uint64_t* cb);
int ttm_cb_describe(ttm_program* program, uint64_t cb, ttm_cb_info* info);
int ttm_cb_set_total_size(ttm_program* program, uint64_t cb, uint32_t total_size);
int ttm_cb_set_page_size(ttm_program* program, uint64_t cb, uint32_t index, uint32_t page_size);
int ttm_cb_bind(ttm_program* program, uint64_t cb, ttm_buffer* buffer, uint32_t address_offset);
int ttm_cb_place(ttm_program* program, ttm_device* device);
int ttm_cb_address(ttm_program* program, uint64_t cb, uint64_t* address);
/* args: for every core its x, y, number of words and the words */
int ttm_args_set(ttm_program* program, uint32_t kernel, const uint32_t* args, size_t words);
int ttm_args_get(ttm_program* program, uint32_t kernel, ttm_core core, uint32_t* data, size_t capacity, size_t* count);
int ttm_common_args_set(ttm_program* program, uint32_t kernel, const uint32_t* args, size_t count);
int ttm_common_args_get(ttm_program* program, uint32_t kernel, uint32_t* data, size_t capacity, size_t* count);

/* ---- running: the workload takes the program over, the program's handle stays usable for arguments and buffers */
int ttm_workload_create(ttm_device* device, ttm_program* program, ttm_workload** workload);
int ttm_workload_enqueue(ttm_workload* workload, uint32_t queue, int blocking);
int ttm_workload_free(ttm_workload* workload);

#ifdef __cplusplus
}
#endif
#endif
