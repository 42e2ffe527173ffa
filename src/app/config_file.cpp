// The one translation unit that knows toml++.
#include <fmt/format.h>
#include <toml++/toml.h>

#include <fstream>
#include <iterator>
#include <utility>

#include "app/config.hpp"

namespace vigil::app {
namespace {

Error at(const toml::node& node, const std::string& path, std::string message) {
    return {Error::Kind::malformed, std::move(message),
            fmt::format("{}:{}", path, node.source().begin.line)};
}

Result<std::string> text_of(const toml::node& node, const std::string& path, std::string_view key) {
    if (const auto* text = node.as_string()) return text->get();
    if (const auto* number = node.as_integer()) return fmt::format("{}", number->get());
    return tl::unexpected(at(node, path, fmt::format("{} takes a text or a whole number", key)));
}

Result<TopicRule> topic_rule(const toml::table& table, const std::string& path) {
    TopicRule rule;
    for (const auto& [key, node] : table) {
        if (key == "allow" && node.is_array()) {
            for (const auto& word : *node.as_array()) {
                const auto text = word.value<std::string>().value_or("");
                if (text == "publish")
                    rule.publish = true;
                else if (text == "subscribe")
                    rule.subscribe = true;
                else
                    return tl::unexpected(
                        at(word, path, "allow takes \"publish\" and \"subscribe\""));
            }
            continue;
        }
        VIGIL_TRY(text, text_of(node, path, key.str()));
        if (key == "account")
            rule.account = text;
        else if (key == "filter")
            rule.filter = text;
        else
            return tl::unexpected(
                at(node, path, fmt::format("[[topic]] has no key \"{}\"", key.str())));
    }
    if (rule.account.empty() || rule.filter.empty())
        return tl::unexpected(at(table, path, "[[topic]] needs account and filter"));
    return rule;
}

Result<SiteMetric> site_metric(const toml::table& table, const std::string& path) {
    SiteMetric metric;
    metric.kind = "numeric";
    for (const auto& [key, node] : table) {
        VIGIL_TRY(text, text_of(node, path, key.str()));
        if (key == "key")
            metric.key = text;
        else if (key == "display")
            metric.display = text;
        else if (key == "kind")
            metric.kind = text;
        else if (key == "mdc_refid")
            metric.mdc_refid = text;
        else if (key == "loinc")
            metric.loinc = text;
        else if (key == "unit")
            metric.unit = text;
        else if (const auto* code = node.as_integer(); key == "mdc_code" && code != nullptr) {
            if (!std::in_range<std::uint32_t>(code->get()))
                return tl::unexpected(at(node, path, "mdc_code takes 32 bits: 0 to 4294967295"));
            metric.mdc_code = static_cast<std::uint32_t>(code->get());
        } else if (key == "expected_interval") {
            auto interval = parse_duration(text);
            if (!interval) return tl::unexpected(at(node, path, interval.error().message));
            metric.expected_interval = *interval;
        } else
            return tl::unexpected(
                at(node, path, fmt::format("[[metric]] has no key \"{}\"", key.str())));
    }
    if (metric.key.empty()) return tl::unexpected(at(table, path, "[[metric]] needs a key"));
    return metric;
}

// Applies read(table) to each table of an array of tables.
template <class Row, class Read>
Result<void> rows(const toml::node& node, const std::string& path, std::vector<Row>& out,
                  Read read) {
    const auto* array = node.as_array();
    if (array == nullptr || !array->is_array_of_tables())
        return tl::unexpected(at(node, path, "expected an array of tables, such as [[topic]]"));
    for (const auto& row : *array) {
        VIGIL_TRY(value, read(*row.as_table(), path));
        out.push_back(value);
    }
    return {};
}

Result<void> section(Config& config, const toml::table& table, const std::string& path,
                     const std::string& prefix) {
    for (const auto& [name, node] : table) {
        const auto key = prefix + std::string(name.str());
        if (key == "topic") {
            VIGIL_CHECK(rows(node, path, config.topics, topic_rule));
        } else if (key == "metric") {
            VIGIL_CHECK(rows(node, path, config.metrics, site_metric));
        } else if (const auto* inner = node.as_table(); inner != nullptr && prefix.empty()) {
            VIGIL_CHECK(section(config, *inner, path, key + "."));
        } else {
            VIGIL_TRY(text, text_of(node, path, key));
            if (auto done = set(config, key, text); !done)
                return tl::unexpected(at(node, path, done.error().message));
        }
    }
    return {};
}

}  // namespace

Result<void> read_config_file(Config& config, const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) return fail(Error::Kind::not_found, "cannot be read", path);
    const std::string text((std::istreambuf_iterator<char>(file)), {});
    return read_config(config, text, path);
}

Result<void> read_config(Config& config, std::string_view text, const std::string& path) {
    try {
        return section(config, toml::parse(text, path), path, "");
    } catch (const toml::parse_error& error) {
        return fail(Error::Kind::malformed, std::string(error.description()),
                    fmt::format("{}:{}", path, error.source().begin.line));
    }
}

}  // namespace vigil::app
