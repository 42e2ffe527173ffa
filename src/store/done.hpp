#pragma once
// How calls that write come back: never on the caller's thread, which may be the loop.

#include <functional>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "base/result.hpp"

namespace vigil::store {

// Called once, on the store's writing thread, after the commit: post what follows to your own.
template <class T>
using DoneWith = std::function<void(Result<T>)>;
using Done = DoneWith<void>;

// For callers that may wait (the command line, tests): never on the loop or in a Done.
//     VIGIL_CHECK(store::await<void>([&](Done done) { documents.change(…, std::move(done)); }));
template <class T>
Result<T> await(const std::function<void(DoneWith<T>)>& call) {
    auto answer = std::make_shared<std::promise<Result<T>>>();
    auto ready = answer->get_future();
    call([answer](Result<T> result) { answer->set_value(std::move(result)); });
    return ready.get();
}

// A consumer of the log and how far it has come: it writes its output and this in one transaction
// and skips what it has applied (docs/architecture.md, Embedded by default).
struct Applied {
    std::string consumer;
    Position up_to;  // the last position that is in
};

class Consumers {
public:
    virtual ~Consumers() = default;
    virtual std::vector<Applied> consumers() const = 0;
    // {0, 0} for one that has applied nothing.
    virtual Position applied(std::string_view consumer) const = 0;
    // For a consumer without output in this file.
    virtual void advance(Applied applied, Done done) = 0;
};

}  // namespace vigil::store
