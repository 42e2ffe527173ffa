// A commit comes from a disk or a backup: whatever its bytes, reading ends with entries or an
// error, and entries that were read are written and read again as the same.

#include <cstdlib>
#include <string>

#include "store/log_commit.hpp"

namespace {

using namespace vigil;
using namespace vigil::store;

// Keeps bodies as they are, so that the fuzzer's bytes reach the segments.
class ClearSealer final : public Sealer {
public:
    void seal(PatientId, std::string_view clear, std::string& out) override { out.append(clear); }
    Result<void> open(PatientId, std::string_view sealed, std::string& out) override {
        out.append(sealed);
        return {};
    }
};

bool same(const Entry& a, const Entry& b) {
    return a.kind == b.kind && a.subject == b.subject && a.identity == b.identity &&
           a.body == b.body && a.position == b.position;
}

}  // namespace

// The first byte is the count of entries, which a row of the log holds beside the bytes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    ClearSealer sealer;
    CommitDecoder decoder;
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    const auto entries = decoder.decode(bytes, {0, 1}, data[0], Timestamp{}, sealer);
    if (!entries) return 0;
    PendingEntries pending;
    for (const auto& entry : *entries)
        pending.add(entry.kind, entry.subject, entry.identity, entry.body);
    CommitEncoder encoder;
    const auto encoded = encoder.encode(pending, 0, SIZE_MAX, sealer);
    CommitDecoder again;
    const auto reread = again.decode(encoded.bytes, {0, 1}, encoded.entries, Timestamp{}, sealer);
    if (!reread || reread->size() != entries->size()) std::abort();
    for (std::size_t i = 0; i < entries->size(); ++i)
        if (!same((*entries)[i], (*reread)[i])) std::abort();
    return 0;
}
