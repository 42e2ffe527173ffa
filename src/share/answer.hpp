#pragma once
// HTTP answers of the API, and the one place that turns an Error into a status
// (docs/reference/series-api.md, Errors).

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "session/http.hpp"

namespace vigil::share {

session::HttpResponse json_answer(std::string body, int status = 200);
session::HttpResponse csv_answer(std::string body);
session::HttpResponse no_content();
session::HttpResponse error_answer(const Error& error);
// 401: no session, or it has ended.
session::HttpResponse unauthenticated(std::string_view message);
// What has a word of its own: 403 "not-fresh", 401 "second-factor".
session::HttpResponse refused(int status, std::string_view kind, std::string_view message,
                              std::string_view place);
// 429 and 503: come back after so many seconds.
session::HttpResponse try_later(int status, std::string_view message, int retry_after_s);

std::string_view kind_word(Error::Kind kind);

}  // namespace vigil::share
