// The first byte chooses what the rest is: a header, annotations, or the samples of two signals.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "codec/wfdb/annotations.hpp"
#include "codec/wfdb/header.hpp"
#include "codec/wfdb/samples.hpp"

namespace {

void fuzz_header(std::string_view text) {
    const auto header = vigil::wfdb::decode_header(text);
    if (!header) return;
    // Names may hold what only another reading would cut, so only the second round must be stable.
    const auto again = vigil::wfdb::decode_header(vigil::wfdb::encode(*header));
    if (again && vigil::wfdb::encode(*again) != vigil::wfdb::encode(*header)) std::abort();
}

void fuzz_annotations(std::string_view bytes) {
    const auto annotations = vigil::wfdb::decode_annotations(bytes);
    if (!annotations || annotations->list.size() > 1000) return;
    (void)vigil::wfdb::encode(*annotations);
}

void fuzz_samples(std::uint8_t choice, std::string_view bytes) {
    using vigil::wfdb::Signal;
    constexpr std::uint16_t formats[]{8, 16, 24, 32, 61, 80, 160, 212, 310, 311};
    const auto format = formats[choice % 10];
    const Signal signals[]{{.file = "x", .format = format, .samples_per_frame = 2, .skew = 1},
                           {.file = "x", .format = format}};
    (void)vigil::wfdb::decode_samples(bytes, signals, 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
    if (data[0] == 'h')
        fuzz_header(rest);
    else if (data[0] == 'a')
        fuzz_annotations(rest);
    else
        fuzz_samples(data[0], rest);
    return 0;
}
