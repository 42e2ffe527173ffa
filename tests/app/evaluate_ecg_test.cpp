// `vigil evaluate ecg` on recordings that the test writes: WFDB records of an ECG whose beats and
// rhythms are known.
#include "app/evaluate_ecg.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>

#include "codec/wfdb/annotations.hpp"
#include "signal/ecg/made_ecg.hpp"
#include "store/fakes.hpp"

namespace vigil::app {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

constexpr double hz = 250, length_s = 120;

struct Records {
    store::test::TemporaryFolder folder;

    void write(const std::string& file, std::string_view bytes) const {
        std::ofstream(folder.file(file), std::ios::binary) << bytes;
    }

    // Format 16, 200 units a millivolt.
    void ecg(const std::string& name, std::span<const made::Beat> beats, double seconds = length_s,
             const std::string& comments = "") const {
        std::string bytes;
        const auto samples = made::ecg(beats, hz, seconds);
        for (const float sample : samples) {
            const auto value = static_cast<std::uint16_t>(std::lround(sample * 200));
            bytes += static_cast<char>(value & 0xFF);
            bytes += static_cast<char>(value >> 8);
        }
        write(name + ".dat", bytes);
        write(name + ".hea", name + " 1 250 " + std::to_string(samples.size()) + "\n" + name +
                                 ".dat 16 200/mV 16 0 0 0 0 II\n" + comments);
    }

    void annotate(const std::string& name, std::span<const made::Beat> beats,
                  std::vector<wfdb::Annotation> more = {}) const {
        wfdb::Annotations annotations{.resolution_hz = 0, .list = std::move(more)};
        for (const auto& beat : beats)
            annotations.list.push_back({.sample = std::llround(beat.at_s * hz),
                                        .code = beat.ventricular ? wfdb::code::premature_ventricular
                                                                 : wfdb::code::normal});
        std::ranges::sort(annotations.list, {}, &wfdb::Annotation::sample);
        write(name + ".atr", wfdb::encode(annotations));
    }

    std::string evaluate(bool json = false, double from_s = 30) const {
        testing::internal::CaptureStdout();
        testing::internal::CaptureStderr();
        status = evaluate_ecg({.folder = folder.path().string(), .beats_out = {}, .from_s = from_s},
                              {.json = json});
        errors = testing::internal::GetCapturedStderr();
        return testing::internal::GetCapturedStdout();
    }
    mutable int status = -1;
    mutable std::string errors;
};

wfdb::Annotation rhythm(double at_s, std::string name) {
    return {.sample = std::llround(at_s * hz),
            .code = wfdb::code::rhythm_change,
            .text = std::move(name)};
}

// Steady, but for twelve ventricular beats at 150/min from 60 s on.
std::vector<made::Beat> with_tachycardia() {
    auto beats = made::steady(length_s);
    std::erase_if(beats, [](const made::Beat& beat) { return beat.at_s > 60 && beat.at_s < 66; });
    for (int i = 0; i < 12; ++i) beats.push_back({.at_s = 60.3 + 0.4 * i, .ventricular = true});
    std::ranges::sort(beats, {}, &made::Beat::at_s);
    return beats;
}

TEST(EvaluateEcg, counts_beats_alarms_and_what_was_annotated_where) {
    Records records;
    const auto run = with_tachycardia(), steady = made::steady(length_s);
    records.ecg("run", run);
    records.annotate("run", run, {rhythm(0.1, "(N"), rhythm(60, "(VT"), rhythm(65, "(N")});
    records.ecg("steady", steady);
    records.annotate("steady", steady);
    const auto text = records.evaluate();
    EXPECT_EQ(records.status, 0);
    EXPECT_THAT(text, ContainsRegex("gross +[0-9]+ +0 +0 +100.00 +100.00"));
    EXPECT_THAT(text, HasSubstr("rhythms annotated, but not it: run\n"));
    EXPECT_THAT(text, HasSubstr("no rhythms annotated, not counted: steady\n"));
    EXPECT_THAT(text, ContainsRegex("ventricular tachycardia +1 +1 100.00 +1 +1 100.00 +0.00"));
    EXPECT_THAT(text,
                HasSubstr("ventricular tachycardia: annotated in: run; falsely told in: none"));
    EXPECT_THAT(text, ContainsRegex("ventricular fibrillation +none annotated +0 +0 "));
    EXPECT_THAT(text, ContainsRegex("asystole +none annotated"));
    EXPECT_THAT(text, HasSubstr("none: no record's header has such a label"));
}

TEST(EvaluateEcg, says_falsely_told_where_nothing_is_annotated) {
    Records records;
    const auto run = with_tachycardia();
    records.ecg("run", run);
    records.annotate("run", made::steady(length_s), {rhythm(0.1, "(N")});
    const auto text = records.evaluate();
    EXPECT_THAT(text, ContainsRegex("ventricular tachycardia +none annotated +1 +0 +0.00 +40.00"))
        << "one in the minute and a half that is scored";
    EXPECT_THAT(text, HasSubstr("falsely told in: run"));
}

TEST(EvaluateEcg, of_rhythms_alone_compares_no_beats) {
    Records records;
    records.ecg("rhythm", made::steady(length_s));
    records.annotate("rhythm", {}, {rhythm(0.1, "(AFIB"), rhythm(50, "(N")});
    const auto text = records.evaluate();
    EXPECT_EQ(records.status, 0);
    EXPECT_THAT(text, HasSubstr("none annotated: no record has beat annotations"));
    EXPECT_THAT(text, HasSubstr("annotated in: rhythm\n"));
    EXPECT_THAT(text, ContainsRegex("gross +0.00 100.00 .* 0 +0 "))
        << "steady beats are not told of as fibrillation; 20 s of it are scored, not asked for";
}

TEST(EvaluateEcg, judges_the_alarms_of_a_bedside_monitor) {
    auto beats = made::steady(330);
    std::erase_if(beats, [](const made::Beat& beat) { return beat.at_s > 292 && beat.at_s < 299; });
    Records records;
    records.ecg("stands", beats, 330, "#Asystole\n#True alarm\n");
    records.ecg("beats", made::steady(330), 330, "#Asystole\n#False alarm\n");
    const auto text = records.evaluate();
    EXPECT_EQ(records.status, 0) << records.errors;
    EXPECT_THAT(text, ContainsRegex("asystole +1 +1 +0 +1 +0 +0\n"));
    EXPECT_THAT(text, HasSubstr("labelled: beats stands\n"));
}

TEST(EvaluateEcg, tells_programs_null_of_what_is_not_annotated) {
    Records records;
    records.ecg("steady", made::steady(length_s));
    records.annotate("steady", made::steady(length_s));
    const auto text = records.evaluate(true);
    EXPECT_THAT(text, HasSubstr(R"("atrial_fibrillation":null)"));
    EXPECT_THAT(text, HasSubstr(R"("ventricular_tachycardia":null)"));
    EXPECT_THAT(text, ContainsRegex(R"("asystole":\{"annotated":0,"found":0,"told":0)"));
    EXPECT_THAT(text, HasSubstr(R"("alarm_records":[])"));
    EXPECT_THAT(text, HasSubstr(R"("qrs_sensitivity":100)"));
}

TEST(EvaluateEcg, names_what_cannot_be_scored) {
    Records records;
    records.ecg("bare", made::steady(length_s));
    (void)records.evaluate();
    EXPECT_NE(records.status, 0);
    EXPECT_THAT(records.errors, HasSubstr("bare: has no annotations bare.atr: left out"));
    records.ecg("steady", made::steady(length_s));
    records.annotate("steady", made::steady(length_s));
    EXPECT_THAT(records.evaluate(), Not(HasSubstr("bare")));
    EXPECT_EQ(records.status, 0);
    (void)records.evaluate(false, 3600);
    EXPECT_NE(records.status, 0);
    EXPECT_THAT(records.errors, HasSubstr("see --from"));
}

}  // namespace
}  // namespace vigil::app
