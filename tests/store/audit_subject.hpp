#pragma once
// An audit in a file of its own, with an installation that signs checkpoints, and hands that do to
// the file what only somebody without the key would.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "store/fakes.hpp"
#include "store/sqlite/audit_checkpoints.hpp"
#include "store/sqlite/records.hpp"

namespace vigil::store::test {

// A signature that needs the secret: what Ed25519 is to the server (identity/audit_key.hpp).
struct Signer {
    std::string secret = "a secret";
    PublicKey key{1};

    Signature signature_of(const AuditCheckpoint& checkpoint) const {
        const auto digest = Sha256().of({secret, signed_text(checkpoint)});
        Signature signature{};
        std::ranges::copy(digest, signature.begin());
        return signature;
    }
    AuditCheckpoint sign(AuditCheckpoint checkpoint) const {
        checkpoint.key = key;
        checkpoint.signature = signature_of(checkpoint);
        return checkpoint;
    }
    bool holds(const AuditCheckpoint& checkpoint) const {
        return checkpoint.signature == signature_of(checkpoint);
    }
};

class AuditSubject {
public:
    explicit AuditSubject(std::string vfs = {}) : vfs_(std::move(vfs)) { open(); }
    ~AuditSubject() { close(); }
    AuditSubject(const AuditSubject&) = delete;
    AuditSubject& operator=(const AuditSubject&) = delete;

    std::string path() const { return folder_.file("vigil.db"); }
    std::string path(const std::string& name) const { return folder_.file(name); }
    sqlite::StoreFile& file() { return *file_; }
    void open() {
        auto opened = sqlite::StoreFile::open({.path = path(), .sealer = &sealer_, .vfs = vfs_});
        if (!opened) std::abort();
        file_ = std::move(*opened);
        audit_ = sqlite::open_audit(*file_);
    }
    bool closed() const { return !file_; }
    void close() {
        if (file_) file_->finish();
        audit_.reset();
        file_.reset();
    }

    Result<void> write(int lines) {
        std::vector<AuditLine> made(static_cast<std::size_t>(lines));
        for (auto& line : made) {
            line.time = from_unix_ns(now_ += 1'000);
            line.principal = fmt::format("nurse {}", now_ % 7'000);
            line.what = "series.window";
        }
        return await<void>([&](Done done) { audit_->append(std::move(made), std::move(done)); });
    }
    AuditCheckpoint checkpoint(const std::string& why = "interval") {
        const auto made = try_checkpoint(why);
        if (!made) std::abort();
        return *made;
    }
    // Nothing where the disk does not take it.
    std::optional<AuditCheckpoint> try_checkpoint(const std::string& why = "interval") {
        auto made = sqlite::keep_checkpoint(*file_, [&](const ChainEnd& end) {
            return std::optional(signer.sign({.sequence = ++sequence_,
                                              .end = end,
                                              .time = from_unix_ns(now_),
                                              .why = why,
                                              .key = {},
                                              .signature = {}}));
        });
        return made ? *made : std::nullopt;
    }

    // In the place of the file, which is closed.
    void put_back(const std::string& copy) {
        for (const auto* suffix : {"-wal", "-shm"}) std::filesystem::remove(path() + suffix);
        std::filesystem::copy_file(copy, path(), std::filesystem::copy_options::overwrite_existing);
    }
    // The numbers of checkpoints go on from here, some time later.
    void number_from(std::uint64_t sequence) {
        sequence_ = sequence;
        now_ += 1'000;
    }

    // On the closed file.
    void harm(const std::string& sql) {
        auto database = sqlite::Database::open(path(), sqlite::OpenMode::read_write);
        ASSERT_TRUE(database);
        const auto done = database->execute(sql);
        ASSERT_TRUE(done) << sql << ": " << done.error().message;
    }
    // As somebody would who knows how the chain is made: all hashes from `first` on, anew.
    void compute_anew(std::uint64_t first) {
        auto database = sqlite::Database::open(path(), sqlite::OpenMode::read_write);
        if (!database) std::abort();
        ChainHash hash;
        Sha256Digest before{};
        std::string sql = "BEGIN;";
        const auto done = sqlite::each_line(*database, 0, [&](const StoredLine& line) {
            if (line.number < first) {
                std::ranges::copy(line.hash, before.begin());
                return;
            }
            before = hash.of(before, line.number, line.time, line.body);
            sql += fmt::format("UPDATE audit SET hash = x'{}' WHERE number = {};", hex_of(before),
                               line.number);
        });
        if (!done || !database->execute(sql + "COMMIT")) std::abort();
    }

    AuditReport verify(std::vector<std::string> beside = {}, std::vector<std::string> kept = {},
                       const std::string& where = {}) {
        auto report = sqlite::verify_audit(
            where.empty() ? path() : where,
            {.key = signer.key,
             .signature_holds = [this](const auto& each) { return signer.holds(each); },
             .beside = std::move(beside),
             .kept = std::move(kept)},
            [] { return true; }, vfs_);
        if (!report) {
            ADD_FAILURE() << report.error().message;
            return {};
        }
        return std::move(*report);
    }

    Signer signer;

private:
    std::string vfs_;
    TemporaryFolder folder_;
    FlippingSealer sealer_;
    std::int64_t now_ = 1'772'323'200'000'000'000;  // 2026-03-01
    std::uint64_t sequence_ = 0;
    std::unique_ptr<sqlite::StoreFile> file_;
    std::unique_ptr<Audit> audit_;
};

// "changed 37", of each finding.
inline std::vector<std::string> findings(const AuditReport& report) {
    std::vector<std::string> out;
    for (const auto& each : report.findings)
        out.push_back(fmt::format("{} {}", to_string(each.kind), each.line));
    return out;
}

}  // namespace vigil::store::test
