#pragma once
// A record with nothing in it.

#include "store/records.hpp"

namespace vigil::fhir {

class NoRecords final : public store::RecordReader {
public:
    using Record = store::Record;
    Result<std::optional<Record>> get(std::string_view, std::string_view) override {
        return std::nullopt;
    }
    Result<std::optional<Record>> version(std::string_view, std::string_view,
                                          std::uint64_t) override {
        return std::nullopt;
    }
    Result<std::vector<std::string>> ids(std::string_view, std::string_view, std::size_t) override {
        return std::vector<std::string>();
    }
    Result<store::RecordPage> history(const store::HistoryQuery&) override {
        return store::RecordPage();
    }
    Result<store::RecordPage> search(const store::RecordQuery&) override {
        return store::RecordPage();
    }
    Result<std::uint64_t> count(const store::RecordQuery&, std::uint64_t) override {
        return std::uint64_t{0};
    }
    Result<std::vector<Record>> referred(const std::vector<Record>&, std::string_view,
                                         std::string_view, std::size_t) override {
        return std::vector<Record>();
    }
    Result<std::vector<Record>> referring(const std::vector<Record>&, std::string_view,
                                          std::string_view, std::size_t) override {
        return std::vector<Record>();
    }
};

}  // namespace vigil::fhir
