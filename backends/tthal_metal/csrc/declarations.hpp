// Our own declarations of the part of libtt_metal.so that the shim calls, for wheels that ship the library without its
// headers. They match the binary interface of ttnn 0.79.0 to 0.81.1 (x86-64, libstdc++, cxx11 strings) and nothing else:
// loading against any other library is refused by the checks in abi.cpp and in tthal_metal/versions.py.
// What was measured, and how, is in docs/cards.md.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <variant>
#include <vector>

namespace ttsl {
template <class T, class Tag>
struct StrongType {
    T value;
};
}  // namespace ttsl

namespace tt {
enum class ARCH : int;
enum class DataFormat : uint8_t;
enum class CoreType : int { DRAM = 1, WORKER = 12 };
struct xy_pair {
    std::size_t x, y;
};
}  // namespace tt

namespace tt::tt_metal {

using CoreCoord = tt::xy_pair;

struct CoreRange {
    CoreCoord start_coord, end_coord;
};
static_assert(sizeof(CoreRange) == 32);

class CoreRangeSet {
public:
    CoreRangeSet(const CoreRangeSet&);
    CoreRangeSet(CoreRangeSet&&) noexcept;
    explicit CoreRangeSet(const CoreRange&);
    CoreRangeSet(std::vector<CoreRange>&&);
    CoreRangeSet& operator=(CoreRangeSet&& other) noexcept {
        ranges_ = std::move(other.ranges_);
        return *this;
    }

private:
    std::vector<CoreRange> ranges_;
};
static_assert(sizeof(CoreRangeSet) == 24);
static_assert(sizeof(std::variant<CoreCoord, CoreRange, CoreRangeSet>) == 40);

class Buffer;
class IDevice;
namespace detail {
class ProgramImpl;
}

class Program {
public:
    Program();
    ~Program() noexcept;
    Program(Program&&) noexcept;
    Program& operator=(Program&&) noexcept;
    explicit Program(std::shared_ptr<detail::ProgramImpl>);
    Program(const Program&) = delete;
    // A second handle on the same program; the first one may then be moved into a workload.
    Program alias() const { return Program(internal_); }
    detail::ProgramImpl& impl() { return *internal_; }

private:
    std::shared_ptr<detail::ProgramImpl> internal_;
};
static_assert(sizeof(Program) == 16);

enum class DataMovementProcessor : int { RISCV_0 = 0, RISCV_1 = 1 };
enum NOC : uint8_t { NOC_0 = 0, NOC_1 = 1 };
enum NOC_MODE : uint8_t { DM_DEDICATED_NOC = 0, DM_DYNAMIC_NOC = 1 };
enum class KernelBuildOptLevel : uint8_t { O1, O2, O3, O0, Os, Ofast, Oz };
enum class MathFidelity : uint8_t { LoFi = 0, HiFi2 = 2, HiFi3 = 3, HiFi4 = 4, Invalid = 0xff };
enum class UnpackToDestMode : uint8_t { UnpackToDestFp32, Default };

// Every byte of what crosses the border has a value: where the library has fields that these releases' headers do not
// show, or the next one will, they are zero and not what the stack held before (`unused`; tests/metal/test_initialised.py).
struct DataMovementConfig {
    DataMovementProcessor processor = DataMovementProcessor::RISCV_0;
    NOC noc = NOC_0;
    NOC_MODE noc_mode = DM_DEDICATED_NOC;
    uint8_t unused[2] = {};
    std::vector<uint32_t> compile_args;
    std::map<std::string, std::string> defines;
    std::unordered_map<std::string, uint32_t> named_compile_args;
    KernelBuildOptLevel opt_level = KernelBuildOptLevel::O2;
    uint8_t unused_at_end[7] = {};
    std::vector<std::filesystem::path> compiler_include_paths;  // absent before 0.72
};
static_assert(sizeof(DataMovementConfig) == 0xa8);

// Its constructor's mangled name lists the fields above: a library with other fields lacks the symbol (see abi.cpp).
struct ReaderDataMovementConfig : DataMovementConfig {
    ReaderDataMovementConfig(std::vector<uint32_t>, std::map<std::string, std::string>,
                             std::unordered_map<std::string, uint32_t>, KernelBuildOptLevel,
                             std::vector<std::filesystem::path>);
};

struct ComputeConfig {
    MathFidelity math_fidelity = MathFidelity::HiFi4;
    bool fp32_dest_acc_en = false;
    bool dst_full_sync_en = false;
    uint8_t unused_first[5] = {};
    std::vector<UnpackToDestMode> unpack_to_dest_mode;
    bool bfp8_pack_precise = false;
    bool math_approx_mode = false;
    bool enable_trisc2_rvv = false;
    bool unused[5] = {};
    std::vector<uint32_t> compile_args;
    std::map<std::string, std::string> defines;
    std::unordered_map<std::string, uint32_t> named_compile_args;
    KernelBuildOptLevel opt_level = KernelBuildOptLevel::O3;
    uint8_t unused_at_end[7] = {};
    std::vector<std::filesystem::path> compiler_include_paths;
};
static_assert(sizeof(ComputeConfig) == 0xc8);

struct RuntimeArgsData {
    uint32_t* rt_args_data;
    std::size_t rt_args_count;
    uint32_t* data() { return rt_args_data; }
    std::size_t size() const { return rt_args_count; }
};

class Tile {
public:
    Tile(std::array<uint32_t, 2> shape, bool transpose);

private:
    alignas(8) unsigned char raw_[256];
};

// The library's constructor writes the first kExtent bytes; the three sets inside them own memory and have to be
// destroyed, the class itself has no exported destructor. The slack lets the probe in abi.cpp see a larger one.
class CircularBufferConfig {
public:
    static constexpr std::size_t kExtent = 0x1150, kSets = 0x1098;
    CircularBufferConfig(uint32_t total_size, const std::map<uint8_t, tt::DataFormat>&);
    CircularBufferConfig& set_page_size(uint8_t index, uint32_t page_size);
    CircularBufferConfig& set_tile_dims(uint8_t index, const Tile&);
    uint32_t total_size() const;
    const std::unordered_set<uint8_t>& buffer_indices() const;
    const std::array<std::optional<tt::DataFormat>, 64>& data_formats() const;
    const std::array<std::optional<uint32_t>, 64>& page_sizes() const;
    std::optional<uint32_t> globally_allocated_address() const;
    CircularBufferConfig(const CircularBufferConfig&) = delete;
    ~CircularBufferConfig() {
        for (auto& set : sets_) {
            set.~unordered_set();
        }
    }

private:
    alignas(8) unsigned char head_[kSets];
    union {
        std::unordered_set<uint8_t> sets_[3];
    };
    unsigned char tail_[kExtent - kSets - 3 * sizeof(std::unordered_set<uint8_t>)];
    unsigned char slack_[4096];
};
static_assert(sizeof(CircularBufferConfig) == CircularBufferConfig::kExtent + 4096);

using CoreSpec = std::variant<CoreCoord, CoreRange, CoreRangeSet>;
using KernelConfig = std::variant<DataMovementConfig, ComputeConfig>;

Program CreateProgram();
uint32_t CreateKernel(Program&, const std::string&, const CoreSpec&, const KernelConfig&);
uint32_t CreateKernelFromString(Program&, const std::string&, const CoreSpec&, const KernelConfig&);
uintptr_t CreateCircularBuffer(Program&, const CoreSpec&, const CircularBufferConfig&);
const CircularBufferConfig& GetCircularBufferConfig(Program&, uintptr_t);
void UpdateCircularBufferTotalSize(Program&, uintptr_t, uint32_t);
void UpdateCircularBufferPageSize(Program&, uintptr_t, uint8_t, uint32_t);
void UpdateDynamicCircularBufferAddress(Program&, uintptr_t, const Buffer&, uint32_t);
uint32_t CreateSemaphore(Program&, const std::variant<CoreRange, CoreRangeSet>&, uint32_t);
void SetRuntimeArgs(const Program&, uint32_t, const CoreSpec&, std::span<const uint32_t>);
RuntimeArgsData& GetRuntimeArgs(const Program&, uint32_t, const CoreCoord&);
void SetCommonRuntimeArgs(const Program&, uint32_t, std::span<const uint32_t>);
RuntimeArgsData& GetCommonRuntimeArgs(const Program&, uint32_t);
std::size_t GetNumAvailableDevices();
void SetRootDir(const std::string&);
enum class ClusterType : uint8_t;
ClusterType GetClusterType();

namespace hal {
uint32_t get_noc_max_burst_size_bytes();
uint32_t get_arch_num_circular_buffers();
}  // namespace hal

enum class DispatchCoreType : uint32_t { WORKER, ETH };
enum class DispatchCoreAxis { ROW, COL };
class DispatchCoreConfig {
    DispatchCoreType type_ = DispatchCoreType::WORKER;
    std::optional<DispatchCoreAxis> axis_;
};

struct SubDeviceIdTag;
using SubDeviceId = ttsl::StrongType<uint8_t, SubDeviceIdTag>;
enum class BufferType { DRAM, L1, SYSTEM_MEMORY, L1_SMALL, TRACE };
enum class TensorMemoryLayout {
    INTERLEAVED = 0,
    HEIGHT_SHARDED = 2,
    WIDTH_SHARDED = 3,
    BLOCK_SHARDED = 4,
    ND_SHARDED = 5
};
enum class ShardOrientation { ROW_MAJOR = 0, COL_MAJOR = 1 };
enum class ShardDistributionStrategy { ROUND_ROBIN_1D = 0, GRID_2D = 1, CONTIGUOUS_1D = 2 };
enum class HalMemType : uint8_t { L1 = 0, DRAM = 1 };

struct ShardSpec {
    CoreRangeSet grid;
    std::array<uint32_t, 2> shape;
    ShardOrientation orientation;
    uint32_t unused = 0;
};
struct ShardSpecBuffer {
    ShardSpec tensor_shard_spec;
    std::array<uint32_t, 2> page_shape;
    std::array<uint32_t, 2> tensor2d_shape_in_pages;
};

// A small vector of eight inline words, and the rank before init() pads it to four with leading ones.
class ShapeBase {
public:
    static constexpr uint32_t kInline = 8;
    // Whether memory that the library calls a shape is laid out like this class.
    static bool matches(const void* object, std::size_t rank) {
        const auto* shape = static_cast<const ShapeBase*>(object);
        return shape->begin_ == shape->inline_ && shape->capacity_ == kInline && shape->original_size_ == rank &&
               shape->size_ == (rank < 4 ? 4 : rank);
    }

protected:
    explicit ShapeBase(std::span<const uint32_t> values) : size_(static_cast<uint32_t>(values.size())) {
        for (uint32_t i = 0; i < size_; i++) {
            inline_[i] = values[i];
        }
        init();
    }
    ShapeBase(const ShapeBase&) = delete;
    void init();

private:
    uint32_t* begin_ = inline_;
    uint32_t size_;
    uint32_t capacity_ = kInline;
    uint32_t inline_[kInline] = {};
    std::size_t original_size_ = 0;
};

class Shape : public ShapeBase {
public:
    explicit Shape(std::span<const uint32_t> values) : ShapeBase(values) {}
};

class BufferDistributionSpec {
public:
    BufferDistributionSpec(const Shape&, const Shape&, const CoreRangeSet&, ShardOrientation,
                           ShardDistributionStrategy);
    BufferDistributionSpec(const BufferDistributionSpec&) = delete;
    // The library takes it by value and moves its parts out; its destructor is not exported and has nothing left to do.
    ~BufferDistributionSpec() {}

private:
    alignas(16) unsigned char raw_[1024];
};

class BufferShardingArgs {
public:
    BufferShardingArgs();
    BufferShardingArgs(ShardSpecBuffer, TensorMemoryLayout);
    BufferShardingArgs(BufferDistributionSpec);
    BufferShardingArgs(const BufferShardingArgs&);
    BufferShardingArgs& operator=(BufferShardingArgs&&) noexcept;
    ~BufferShardingArgs();

private:
    void* pimpl_;
};

class Buffer {
public:
    uint32_t address() const;
    uint64_t page_size() const;
    uint64_t aligned_page_size() const;
    uint64_t aligned_size_per_bank() const;
    uint32_t num_dev_pages() const;
};

class Allocator {
public:
    uint32_t get_num_banks(const BufferType&) const;
    uint64_t get_bank_size(const BufferType&) const;
    int32_t get_bank_offset(BufferType, uint32_t) const;
    CoreCoord get_logical_core_from_bank_id(uint32_t) const;
    uint64_t get_base_allocator_addr(const HalMemType&) const;
    uint32_t get_alignment(BufferType) const;
};

namespace detail {
bool WriteToDeviceL1(IDevice*, const CoreCoord&, uint32_t, std::span<const uint8_t>, tt::CoreType);
bool ReadFromDeviceL1(IDevice*, const CoreCoord&, uint32_t, std::span<uint8_t>, tt::CoreType);
bool WriteToDeviceDRAMChannel(IDevice*, int, uint32_t, std::span<const uint8_t>);
bool ReadFromDeviceDRAMChannel(IDevice*, int, uint32_t, std::span<uint8_t>);
}  // namespace detail

namespace distributed {

class MeshCommandQueue;
class MeshDevice;
class MeshShape;

struct DeviceLocalBufferConfig {
    uint64_t page_size = 0;
    BufferType buffer_type = BufferType::DRAM;
    uint32_t unused = 0;
    BufferShardingArgs sharding_args;
    std::optional<bool> bottom_up;
    std::optional<SubDeviceId> sub_device_id;
    uint32_t unused_at_end = 0;
};
static_assert(sizeof(DeviceLocalBufferConfig) == 0x20);

struct ReplicatedBufferConfig {
    uint64_t size = 0;
};
struct ShardedBufferConfig {
    uint64_t global_size = 0;
    std::size_t global_shape[2]{}, shard_shape[2]{};
    int orientation = 0;
    uint32_t unused = 0;
};
using MeshBufferConfig = std::variant<ReplicatedBufferConfig, ShardedBufferConfig>;
static_assert(sizeof(MeshBufferConfig) == 0x38);

class MeshBuffer {
public:
    static std::shared_ptr<MeshBuffer> create(const MeshBufferConfig&, const DeviceLocalBufferConfig&, MeshDevice*,
                                              std::optional<uint64_t> address);
    void deallocate();
    Buffer* get_reference_buffer() const;
};

class MeshDevice {
public:
    static std::shared_ptr<MeshDevice> create_unit_mesh(int, std::size_t, std::size_t, std::size_t,
                                                        const DispatchCoreConfig&, std::span<const uint32_t>,
                                                        std::size_t);
    bool close();
    tt::ARCH arch() const;
    CoreCoord compute_with_storage_grid_size() const;
    uint32_t l1_size_per_core() const;
    uint32_t dram_size_per_channel() const;
    uint8_t num_hw_cqs() const;
    CoreCoord virtual_core_from_logical_core(const CoreCoord&, const tt::CoreType&) const;
    CoreCoord virtual_noc0_coordinate(uint8_t, CoreCoord) const;
    MeshCommandQueue& mesh_command_queue(std::optional<uint8_t>) const;
    const MeshShape& shape() const;
    const std::unique_ptr<Allocator>& allocator() const;
    std::vector<IDevice*> get_devices() const;
};

class
    MeshCoordinateRange {  // two small vectors with inline storage: no heap, so the missing destructor does not matter
public:
    explicit MeshCoordinateRange(const MeshShape&);

private:
    alignas(16) unsigned char raw_[512];
};

class MeshWorkload {
public:
    MeshWorkload();
    ~MeshWorkload();
    void add_program(const MeshCoordinateRange&, Program&&);

private:
    void* pimpl_[2];
};

// Not virtual and exported, so called on the queue without a vtable.
class MeshCommandQueueBase {
public:
    void enqueue_write_mesh_buffer(const std::shared_ptr<MeshBuffer>&, const void*, bool);
    void enqueue_read_mesh_buffer(void*, const std::shared_ptr<MeshBuffer>&, bool);
};

void EnqueueMeshWorkload(MeshCommandQueue&, MeshWorkload&, bool);
void Finish(MeshCommandQueue&, std::span<const SubDeviceId>);

}  // namespace distributed
}  // namespace tt::tt_metal
