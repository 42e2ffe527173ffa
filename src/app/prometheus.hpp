#pragma once
// The Prometheus text format, version 0.0.4. Labels name parts of the server, never people or
// devices.

#include <fmt/format.h>

#include <iterator>
#include <string>
#include <string_view>

namespace vigil::app {

class PrometheusText {
public:
    static constexpr std::string_view content_type = "text/plain; version=0.0.4; charset=utf-8";

    // Begins a metric; its samples follow.
    void metric(std::string_view name, std::string_view type, std::string_view help) {
        name_ = name;
        write("# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
    }
    template <class Number>
    void sample(Number value) {
        write("{} {}\n", name_, value);
    }
    template <class Number>
    void sample(std::string_view label, std::string_view label_value, Number value) {
        write("{}{{{}=\"{}\"}} {}\n", name_, label, escaped(label_value), value);
    }
    // "_bucket", "_sum" and "_count" of a histogram.
    template <class Number>
    void part(std::string_view suffix, std::string_view labels, Number value) {
        write("{}{}{} {}\n", name_, suffix, labels, value);
    }
    template <class Number>
    void counter(std::string_view name, std::string_view help, Number value) {
        metric(name, "counter", help);
        sample(value);
    }
    template <class Number>
    void gauge(std::string_view name, std::string_view help, Number value) {
        metric(name, "gauge", help);
        sample(value);
    }
    std::string take() { return std::move(text_); }

private:
    template <class... Arguments>
    void write(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
        fmt::format_to(std::back_inserter(text_), format, std::forward<Arguments>(arguments)...);
    }
    static std::string escaped(std::string_view value) {
        std::string out;
        for (const char c : value) {
            if (c == '\\' || c == '"') out += '\\';
            out += c == '\n' ? ' ' : c;
        }
        return out;
    }

    std::string text_;
    std::string_view name_;
};

}  // namespace vigil::app
