#pragma once
// `vigil deidentify`: a folder that an export gave to one that may be given away, with a report
// (docs/guides/deidentify.md).

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/commands.hpp"

namespace vigil::app {

constexpr int status_gate = 12;  // the release does not pass its gate

struct DeidentifyOptions {
    std::string input, output;
    std::string method = "safe-harbor", times = "relative";
    std::string gate;  // empty: "none" of a limited data set, else "public"
    std::string key_file, release;
    bool no_key = false;        // the key is not kept
    bool write_anyway = false;  // the data too, where the gate says no
    std::vector<std::string> quasi, code_systems;
    std::optional<std::uint32_t> k, l;
    std::optional<double> t;
    double left_out_max = 0.05, sampling_fraction = 1;
    int shift_days = 365;
    std::string as_of;  // a day; empty: today
};
int deidentify(const DeidentifyOptions& options, Output output);

}  // namespace vigil::app
