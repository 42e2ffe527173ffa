#include "net/mail.hpp"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <memory>
#include <mutex>
#include <string_view>

namespace vigil::net {
namespace {

using Handle = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>;
using List = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>;

struct Unsent {
    std::string_view rest;
};

std::size_t give(char* to, std::size_t size, std::size_t count, void* user) {
    auto& unsent = *static_cast<Unsent*>(user);
    const auto part = unsent.rest.substr(0, size * count);
    std::memcpy(to, part.data(), part.size());
    unsent.rest.remove_prefix(part.size());
    return part.size();
}

constexpr std::size_t reply_bytes_max = 500;

// The newest line that the server said.
std::size_t hear(char* from, std::size_t size, std::size_t count, void* user) {
    std::string line(from, std::min(size * count, reply_bytes_max));
    while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.pop_back();
    std::ranges::replace_if(line, [](char c) { return c < ' ' || c > '~'; }, '?');
    auto& reply = *static_cast<std::string*>(user);
    // What it says to QUIT tells nothing.
    if (!line.starts_with("221")) reply = std::move(line);
    return size * count;
}

// Called again and again while it waits.
int go_on(void* stop, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    return *static_cast<const std::atomic<bool>*>(stop) ? 1 : 0;
}

// smtp://host:587: the host.
std::string_view host_of(std::string_view url) {
    url.remove_prefix(url.find("://") + 3);
    if (url.starts_with('[')) return url.substr(1, url.find(']') - 1);
    return url.substr(0, url.find_first_of(":/"));
}

bool is_this_machine(std::string_view host) {
    return host == "localhost" || host == "127.0.0.1" || host == "::1";
}

template <class Value>
void set(CURL* handle, CURLoption option, Value value) {
    curl_easy_setopt(handle, option, value);
}

}  // namespace

Result<void> check(const MailServer& server) {
    const std::string_view url = server.url;
    const bool known = url.starts_with("smtp://") || url.starts_with("smtps://");
    if (known && !host_of(url).empty() && url.find_first_of("@?# \r\n") == std::string_view::npos)
        return {};
    return fail(Error::Kind::malformed,
                "a mail server such as smtp://mail.example:587 or smtps://mail.example:465", "url");
}

Result<std::string> send_mail(const MailServer& server, const std::string& from,
                              const std::string& to, const std::string& message,
                              const std::atomic<bool>& stop) {
    static std::once_flag once;
    std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
    VIGIL_CHECK(check(server));
    const Handle owned(curl_easy_init(), curl_easy_cleanup);
    auto* handle = owned.get();
    if (handle == nullptr) return fail(Error::Kind::internal, "no memory for a mail");
    const List recipients(curl_slist_append(nullptr, fmt::format("<{}>", to).c_str()),
                          curl_slist_free_all);
    Unsent unsent{message};
    std::string reply;
    std::array<char, CURL_ERROR_SIZE> why{};
    const auto time_max = std::chrono::ceil<std::chrono::milliseconds>(server.time_max).count();
    set(handle, CURLOPT_URL, server.url.c_str());
    set(handle, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    set(handle, CURLOPT_NOSIGNAL, 1L);
    set(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(time_max));
    set(handle, CURLOPT_USE_SSL,
        is_this_machine(host_of(server.url)) ? CURLUSESSL_TRY : CURLUSESSL_ALL);
    set(handle, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
    if (!server.ca_pem.empty()) {
        curl_blob blob{const_cast<char*>(server.ca_pem.data()), server.ca_pem.size(),
                       CURL_BLOB_COPY};
        set(handle, CURLOPT_CAINFO_BLOB, &blob);
        set(handle, CURLOPT_CAPATH, static_cast<const char*>(nullptr));
    }
    if (!server.user.empty()) {
        set(handle, CURLOPT_USERNAME, server.user.c_str());
        set(handle, CURLOPT_PASSWORD, server.password.c_str());
    }
    set(handle, CURLOPT_MAIL_FROM, fmt::format("<{}>", from).c_str());
    set(handle, CURLOPT_MAIL_RCPT, recipients.get());
    set(handle, CURLOPT_UPLOAD, 1L);
    set(handle, CURLOPT_READFUNCTION, &give);
    set(handle, CURLOPT_READDATA, &unsent);
    set(handle, CURLOPT_HEADERFUNCTION, &hear);
    set(handle, CURLOPT_HEADERDATA, &reply);
    set(handle, CURLOPT_WRITEFUNCTION, &hear);
    set(handle, CURLOPT_WRITEDATA, &reply);
    set(handle, CURLOPT_NOPROGRESS, 0L);
    set(handle, CURLOPT_XFERINFOFUNCTION, &go_on);
    set(handle, CURLOPT_XFERINFODATA, &stop);
    set(handle, CURLOPT_ERRORBUFFER, why.data());
    const auto outcome = curl_easy_perform(handle);
    if (outcome == CURLE_OK) return reply;
    long code = 0;
    curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &code);
    const bool for_good = code >= 500 && code < 600;
    return fail(for_good ? Error::Kind::forbidden : Error::Kind::busy,
                for_good || code >= 400 ? reply
                : why.front() != 0      ? std::string(why.data())
                                        : std::string(curl_easy_strerror(outcome)),
                server.url);
}

}  // namespace vigil::net
