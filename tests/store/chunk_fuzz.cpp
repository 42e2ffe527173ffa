// Chunks come from a disk or a backup: whatever their bytes, reading ends with samples or an error.

#include <cstdlib>

#include "store/chunk.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace vigil::store;
    const auto reader = ChunkReader::open({reinterpret_cast<const char*>(data), size});
    if (!reader) return 0;
    ColumnDecoder decoder;
    for (std::size_t i = 0; i < reader->runs().size() && i < 8; ++i) {
        std::vector<Sample> samples;
        NumericColumns columns;
        if (reader->samples(i, decoder, samples) && samples.size() != reader->runs()[i].count)
            std::abort();
        static_cast<void>(reader->columns(i, decoder, columns).has_value());
    }
    return 0;
}
