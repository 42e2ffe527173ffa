#pragma once
// What OpenSSL gives out, owned: std::unique_ptr<EVP_PKEY, Release<EVP_PKEY_free>>.

#include <openssl/bio.h>

#include <memory>
#include <string>

namespace vigil::identity {

template <auto release>
struct Release {
    template <class T>
    void operator()(T* object) const {
        release(object);
    }
};

// What `write` puts into a BIO in memory; empty where it cannot.
template <class Write>
std::string written_to_memory(Write write) {
    const std::unique_ptr<BIO, Release<BIO_free_all>> bio(BIO_new(BIO_s_mem()));
    if (!bio || write(bio.get()) != 1) return {};
    char* bytes = nullptr;
    const auto length = BIO_get_mem_data(bio.get(), &bytes);
    return {bytes, static_cast<std::size_t>(length)};
}

}  // namespace vigil::identity
