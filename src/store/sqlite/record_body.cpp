#include "store/sqlite/record_body.hpp"

#include <zstd.h>

#include <memory>

namespace vigil::store::sqlite {

namespace {

enum class Form : std::uint8_t { clear = 0, zstd = 1 };

constexpr int level = 3;
// No body is longer: the way in bounds them far below.
constexpr std::uint64_t clear_bytes_max = 256U << 20U;

struct Compressor {
    void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
};
struct Decompressor {
    void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

// A context holds some hundred KiB of tables that are dear to make.
ZSTD_CCtx* compressor() {
    thread_local const std::unique_ptr<ZSTD_CCtx, Compressor> context(ZSTD_createCCtx());
    return context.get();
}
ZSTD_DCtx* decompressor() {
    thread_local const std::unique_ptr<ZSTD_DCtx, Decompressor> context(ZSTD_createDCtx());
    return context.get();
}

Result<std::string> decompressed(std::string_view packed) {
    const auto damaged = [] { return fail(Error::Kind::internal, "a resource's body is damaged"); };
    if (packed.empty()) return damaged();
    const auto form = static_cast<Form>(packed.front());
    packed.remove_prefix(1);
    if (form == Form::clear) return std::string(packed);
    const auto size = ZSTD_getFrameContentSize(packed.data(), packed.size());
    if (form != Form::zstd || size > clear_bytes_max) return damaged();
    std::string clear(size, '\0');
    const auto got = ZSTD_decompressDCtx(decompressor(), clear.data(), clear.size(), packed.data(),
                                         packed.size());
    if (got != size) return damaged();
    return clear;
}

}  // namespace

std::string compressed_body(std::string_view clear) {
    std::string out(1 + ZSTD_compressBound(clear.size()), '\0');
    const auto size = ZSTD_compressCCtx(compressor(), out.data() + 1, out.size() - 1, clear.data(),
                                        clear.size(), level);
    if (ZSTD_isError(size) != 0 || size >= clear.size()) {
        out.assign(1, static_cast<char>(Form::clear));
        return out.append(clear);
    }
    out.resize(1 + size);
    out[0] = static_cast<char>(Form::zstd);
    return out;
}

std::string packed_body(StoreBodies& bodies, std::optional<PatientId> subject,
                        std::string_view compressed) {
    return bodies.sealed(subject.value_or(PatientId{}), compressed);
}

Result<std::string> unpacked_body(StoreBodies& bodies, std::optional<PatientId> subject,
                                  std::string_view packed) {
    VIGIL_TRY(opened, bodies.opened(subject.value_or(PatientId{}), packed));
    return decompressed(opened);
}

}  // namespace vigil::store::sqlite
