#pragma once
// A data folder that goes away, its clock under the test's hand.

#include <gtest/gtest.h>

#include <atomic>

#include "app/data_folder.hpp"
#include "store/fakes.hpp"

namespace vigil::app::test {

class Folder {
public:
    Folder() { open(); }
    ~Folder() { close(); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    void open() {
        auto opened = DataFolder::open({.path = path.path().string(),
                                        .site_name = "Test",
                                        .catalogue = catalogue,
                                        .clock = [this] { return from_unix_ns(now_ns); },
                                        .committed = commits.sink()});
        ASSERT_TRUE(opened) << opened.error().message;
        folder = std::move(*opened);
    }
    void close() {
        if (folder) folder->finish();
        folder.reset();
    }
    Timestamp now() const { return from_unix_ns(now_ns); }
    void at(Timestamp time) { now_ns = unix_ns(time); }

    Position append(store::EntryKind kind, std::string_view body, PatientId subject = {}) {
        const auto ticket = folder->log().append(kind, subject, {}, body);
        const auto commit = commits.wait_for(ticket);
        EXPECT_TRUE(commit.outcome);
        auto position = commit.first_position;
        position.offset += ticket - commit.first;
        return position;
    }
    std::vector<std::string> problems() {
        const auto report = folder->verify(catalogue);
        EXPECT_TRUE(report);
        return report ? report->problems : std::vector<std::string>{"not verified"};
    }

    store::test::TemporaryFolder path;
    store::test::Commits commits;
    Catalogue catalogue;
    std::atomic<std::int64_t> now_ns{1'772'366'400'000'000'000};  // 2026-03-01T12:00:00Z
    std::unique_ptr<DataFolder> folder;
};

}  // namespace vigil::app::test
