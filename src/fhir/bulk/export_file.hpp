#pragma once
// A file of an export: text in blocks, each sealed as everything on the disk is
// (docs/decisions/0009-sealing.md), a block preceded by its length (32 bits, little-endian).

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "store/log.hpp"

namespace vigil::fhir {

struct FileCloser {
    void operator()(std::FILE* file) const {
        static_cast<void>(std::fclose(file));  // written files are synced first
    }
};
using FilePtr = std::unique_ptr<std::FILE, FileCloser>;

class ExportWriter {
public:
    // A new file that only this process's user may read.
    static Result<ExportWriter> create(const std::string& path, store::Sealer& sealer);
    Result<void> append(std::string_view text);
    Result<void> finish();  // what is left goes to the file, which is closed
    std::uint64_t bytes() const { return bytes_; }  // on the disk so far

private:
    ExportWriter(FilePtr file, store::Sealer& sealer) : file_(std::move(file)), sealer_(&sealer) {}
    Result<void> write_block();

    FilePtr file_;
    store::Sealer* sealer_;
    std::string block_, sealed_;
    std::uint64_t bytes_ = 0;
};

class ExportReading {
public:
    static Result<ExportReading> open(const std::string& path, store::Sealer& sealer);
    // Appends the next block; false: there are no more.
    Result<bool> next(std::string& out);

private:
    ExportReading(FilePtr file, store::Sealer& sealer) : file_(std::move(file)), sealer_(&sealer) {}

    FilePtr file_;
    store::Sealer* sealer_;
    std::string sealed_;
};

}  // namespace vigil::fhir
