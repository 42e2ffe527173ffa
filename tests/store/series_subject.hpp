#pragma once
// A series store under test, whichever it is, and samples to put into it.

#include <memory>
#include <string>

#include "metric/catalogue.hpp"
#include "store/fakes.hpp"
#include "store/memory_series.hpp"
#include "store/sqlite/series.hpp"
#include "store/test_access.hpp"

namespace vigil::store::test {

// 2026-03-01T12:00:00Z
constexpr Timestamp noon = from_unix_ns(1'772'366'400'000'000'000);
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

class SeriesSubject {
public:
    virtual ~SeriesSubject() = default;
    virtual SeriesStore& store() = 0;
    virtual void restart() = 0;  // what was flushed stays; the rest the test puts again
    const Catalogue catalogue;

    void flush() {
        const auto done = await<void>([&](Done d) { store().flush(std::move(d)); });
        ASSERT_TRUE(done) << done.error().message;
    }
    void compact(Timestamp now) {
        for (bool more = true; more;) {
            const auto done =
                await<bool>([&](DoneWith<bool> d) { store().compact(now, std::move(d)); });
            ASSERT_TRUE(done) << done.error().message << ' ' << done.error().place;
            more = *done;
        }
    }
    std::uint64_t refile(const Refile& refile) {
        const auto moved = await<std::uint64_t>(
            [&](DoneWith<std::uint64_t> d) { store().refile(refile, std::move(d)); });
        EXPECT_TRUE(moved) << moved.error().message;
        return moved ? *moved : 0;
    }
};

class MemorySeriesSubject final : public SeriesSubject {
public:
    SeriesStore& store() override { return store_; }
    void restart() override {}

private:
    MemorySeries store_{catalogue};
};

class SqliteSeriesSubject final : public SeriesSubject {
public:
    SqliteSeriesSubject() { open(); }
    ~SqliteSeriesSubject() override { close(); }
    SeriesStore& store() override { return *store_; }
    void restart() override {
        close();
        open();
    }
    sqlite::StoreFile& file() { return *file_; }
    const TemporaryFolder& folder() const { return folder_; }

private:
    void close() {
        if (file_) file_->finish();
        store_.reset();
        file_.reset();
    }
    void open() {
        auto file = sqlite::StoreFile::open({.path = folder_.file("vigil.db"), .sealer = &sealer_});
        ASSERT_TRUE(file) << file.error().message;
        file_ = std::move(*file);
        auto store = sqlite::open_series(*file_, catalogue);
        ASSERT_TRUE(store) << store.error().message;
        store_ = std::move(*store);
    }
    TemporaryFolder folder_;
    FlippingSealer sealer_;
    std::unique_ptr<sqlite::StoreFile> file_;
    std::unique_ptr<SeriesStore> store_;
};

// Received the same instant, so that no rounding of receive times is in the way.
inline Sample numeric(Timestamp filed, std::int64_t mantissa, int exponent = 0, UnitId unit = {},
                      std::optional<Timestamp> device_time = {}) {
    return {.filed_time = filed,
            .device_time = device_time ? device_time : filed,
            .receive_time = filed,
            .sequence = 0,
            .status = 0,
            .value = NumericValue{.value = {mantissa, static_cast<std::int8_t>(exponent)},
                                  .unit = unit,
                                  .special = SpecialValue::none}};
}

}  // namespace vigil::store::test
