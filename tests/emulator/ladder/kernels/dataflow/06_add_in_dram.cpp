// Adds two numbers that lie in DRAM and puts the sum there too. The names come without any include.
void kernel_main() {
    constexpr auto layout = TensorAccessorArgs<0>();
    const auto a = TensorAccessor(layout, get_arg_val<uint32_t>(0)),
               b = TensorAccessor(layout, get_arg_val<uint32_t>(1));
    const auto sum = TensorAccessor(layout, get_arg_val<uint32_t>(2));
    const uint32_t l1 = get_arg_val<uint32_t>(3), size = sum.get_aligned_page_size();
    noc_async_read_page(0, a, l1);
    noc_async_read_page(0, b, l1 + size);
    noc_async_read_barrier();
    *reinterpret_cast<volatile uint32_t*>(l1 + 2 * size) =
        *reinterpret_cast<volatile uint32_t*>(l1) + *reinterpret_cast<volatile uint32_t*>(l1 + size);
    noc_async_write_page(0, sum, l1 + 2 * size);
    noc_async_write_barrier();
}
