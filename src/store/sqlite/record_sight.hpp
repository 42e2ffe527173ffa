#pragma once
// Which resources an access sees, by the number that the file gives the name of their type: asked
// of the access once a type.

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "store/access.hpp"
#include "store/sqlite/record_condition.hpp"
#include "store/sqlite/record_names.hpp"

namespace vigil::store::sqlite {

class RecordSight {
public:
    RecordSight(Database& database, RecordNames& names, const Access& access)
        : database_(database), names_(names), access_(access) {}

    Result<bool> sees(std::uint32_t type, std::optional<PatientId> subject) {
        VIGIL_TRY(of, of_type(type));
        return of.looks && (subject ? access_.covers(*subject) : of.nobodys);
    }
    // Of those it sees only the ones that meet one of these; null: all.
    Result<std::shared_ptr<const std::vector<Test>>> only_if(std::uint32_t type) {
        VIGIL_TRY(of, of_type(type));
        return of.only_if;
    }
    // And of somebody's not those that meet this; null: none is withheld.
    Result<std::shared_ptr<const Test>> withheld(std::uint32_t type,
                                                 std::optional<PatientId> subject) {
        const auto from = access_.withheld_from(subject.value_or(PatientId{}));
        return from ? test_of(from, type) : std::shared_ptr<const Test>();
    }
    // All of that type, whosever they are.
    Result<bool> sees_all(std::uint32_t type) {
        if (!access_.covers_everyone()) return false;
        VIGIL_TRY(of, of_type(type));
        if (!of.looks || of.only_if) return false;
        const auto* withholding = access_.withholding();
        if (withholding == nullptr) return true;
        if (!withholding->is_same_for_all()) return false;
        for (const auto& from : {withholding->from_others(), withholding->from(PatientId{})}) {
            if (!from) continue;
            if (from->all()) return false;
            VIGIL_TRY(test, test_of(from, type));
            if (test) return false;
        }
        return true;
    }

private:
    struct OfType {
        std::uint32_t type;
        bool looks, nobodys;  // at those of covered patients; at those that are no patient's
        std::shared_ptr<const std::vector<Test>> only_if;
    };
    Result<OfType> of_type(std::uint32_t type) {
        const auto known = std::ranges::find(known_, type, &OfType::type);
        if (known != known_.end()) return *known;
        if (access_.sees_everything()) return known_.emplace_back(OfType{type, true, true, {}});
        VIGIL_TRY(name, names_.name(database_, type));
        VIGIL_TRY(tests, tests_of(type, name));
        return known_.emplace_back(OfType{type, access_.may_any(looking, name),
                                          access_.reaches(name, std::nullopt), std::move(tests)});
    }
    Result<std::shared_ptr<const std::vector<Test>>> tests_of(std::uint32_t type,
                                                              std::string_view name) {
        const auto* conditionals = access_.only_if(looking, name);
        if (conditionals == nullptr) return std::shared_ptr<const std::vector<Test>>();
        std::vector<Test> tests;
        for (const auto& each : *conditionals) {
            VIGIL_TRY(test, compile(database_, names_, type, *each.condition));
            tests.push_back(std::move(test));
        }
        return std::make_shared<const std::vector<Test>>(std::move(tests));
    }

    struct OfPatients {
        std::shared_ptr<const Withheld> from;
        std::uint32_t type;
        std::shared_ptr<const Test> test;
    };
    Result<std::shared_ptr<const Test>> test_of(const std::shared_ptr<const Withheld>& from,
                                                std::uint32_t type) {
        for (const auto& known : withheld_)
            if (known.from == from && known.type == type) return known.test;
        VIGIL_TRY(name, names_.name(database_, type));
        std::shared_ptr<const Test> made;
        if (const auto condition = from->of_type(name)) {
            auto test = compile(database_, names_, type, *condition);
            // What asks for too much to be held against anything withholds all.
            if (!test && test.error().kind == Error::Kind::too_large) test = Test{AllTest{}};
            if (!test) return tl::unexpected(std::move(test).error());
            if (!is_never(*test)) made = std::make_shared<const Test>(std::move(*test));
        }
        if (withheld_.size() == withheld_max) withheld_.clear();
        return withheld_.emplace_back(OfPatients{from, type, std::move(made)}).test;
    }

    static constexpr std::size_t withheld_max = 64;  // kept at a time
    Database& database_;
    RecordNames& names_;
    const Access& access_;
    std::vector<OfType> known_;
    std::vector<OfPatients> withheld_;
};

}  // namespace vigil::store::sqlite
