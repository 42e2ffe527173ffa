#include "fhir/subscription/interests.hpp"

#include <algorithm>
#include <initializer_list>

#include "base/hash.hpp"

namespace vigil::fhir {
namespace {

InterestKey key(char kind, std::initializer_list<std::string_view> parts) {
    std::uint64_t hash = static_cast<unsigned char>(kind);
    for (const auto part : parts) hash = fingerprint(part, hash).low;
    return hash;
}

InterestKey token_key(std::string_view parameter, std::string_view code) {
    return key('t', {parameter, code});
}
InterestKey uri_key(std::string_view parameter, std::string_view uri) {
    return key('u', {parameter, uri});
}
InterestKey reference_key(std::string_view parameter, const store::ReferenceValue& to) {
    if (!to.url.empty()) return key('r', {parameter, to.url});
    if (to.type.empty()) return key('r', {parameter, to.id});
    return key('r', {parameter, to.type, to.id});
}

// The values of which a resource must have one for a condition to hold; the higher the rank, the
// fewer resources share a value.
struct Anchor {
    int rank = 0;  // 0: it asks for none
    std::vector<InterestKey> keys;
    std::string parameter;
};

Anchor anchor_of(const store::Condition& condition);

struct AnchorOf {
    Anchor operator()(const store::IdMatch& match) const {
        return {4, {key_of_id(match.id)}, "_id"};
    }
    Anchor operator()(const store::ReferenceMatch& match) const {
        return {3, {reference_key(match.parameter, match.to)}, match.parameter};
    }
    Anchor operator()(const store::UriMatch& match) const {
        if (match.how != store::UriMatch::How::equal) return {};
        return {2, {uri_key(match.parameter, match.uri)}, match.parameter};
    }
    Anchor operator()(const store::TokenMatch& match) const {
        if (!match.code) return {};
        return {1, {token_key(match.parameter, *match.code)}, match.parameter};
    }
    Anchor operator()(const store::AllOf& all) const {
        Anchor best;
        for (const auto& one : all.conditions)
            if (auto anchor = anchor_of(one); anchor.rank > best.rank) best = std::move(anchor);
        return best;
    }
    Anchor operator()(const store::AnyOf& any) const {
        Anchor all;
        for (const auto& one : any.conditions) {
            auto anchor = anchor_of(one);
            if (anchor.rank == 0) return {};
            if (all.rank == 0) all.parameter = anchor.parameter;
            if (all.parameter != anchor.parameter) all.parameter.clear();
            all.rank = all.rank == 0 ? anchor.rank : std::min(all.rank, anchor.rank);
            all.keys.insert(all.keys.end(), anchor.keys.begin(), anchor.keys.end());
        }
        return all;
    }
    template <class Other>
    Anchor operator()(const Other&) const {
        return {};
    }
};

Anchor anchor_of(const store::Condition& condition) {
    return std::visit(AnchorOf{}, condition.is);
}

}  // namespace

void append_keys(const store::IndexRow& row, std::vector<InterestKey>& out) {
    if (const auto* token = std::get_if<store::TokenValue>(&row.value))
        out.push_back(token_key(row.parameter, token->code));
    else if (const auto* uri = std::get_if<store::UriValue>(&row.value))
        out.push_back(uri_key(row.parameter, uri->uri));
    else if (const auto* reference = std::get_if<store::ReferenceValue>(&row.value)) {
        out.push_back(reference_key(row.parameter, *reference));
        if (reference->url.empty() && !reference->type.empty())
            out.push_back(reference_key(row.parameter, {{}, reference->id, {}}));
    }
}

InterestKey key_of_id(std::string_view id) {
    return key('i', {id});
}

const Interests::OfType* Interests::find(std::string_view type) const {
    const auto found = types_.find(type);
    return found == types_.end() ? nullptr : &found->second;
}

void Interests::set(SubscriptionNumber number, std::string_view type,
                    const store::Condition& where) {
    remove(number);
    auto anchor = anchor_of(where);
    auto& of_type = types_[std::string(type)];
    if (anchor.keys.empty())
        of_type.always.push_back(number);
    else
        of_type.by_parameter[anchor.parameter].push_back(number);
    for (const auto one : anchor.keys) of_type.by_key.emplace(one, number);
    places_.insert_or_assign(
        number, Place{std::string(type), std::move(anchor.keys), std::move(anchor.parameter)});
}

void Interests::remove(SubscriptionNumber number) {
    const auto place = places_.find(number);
    if (place == places_.end()) return;
    auto& of_type = types_.at(place->second.type);
    for (const auto one : place->second.keys) {
        const auto [begin, end] = of_type.by_key.equal_range(one);
        const auto entry =
            std::find_if(begin, end, [&](const auto& at) { return at.second == number; });
        if (entry != end) of_type.by_key.erase(entry);
    }
    std::erase(of_type.always, number);
    if (const auto of = of_type.by_parameter.find(place->second.parameter);
        of != of_type.by_parameter.end() && std::erase(of->second, number) > 0 &&
        of->second.empty())
        of_type.by_parameter.erase(of);
    if (of_type.by_key.empty() && of_type.always.empty()) types_.erase(place->second.type);
    places_.erase(place);
}

std::vector<SubscriptionNumber> Interests::candidates(std::string_view type,
                                                      const std::vector<InterestKey>& keys) const {
    return found_by(find(type), keys, {});
}

std::vector<SubscriptionNumber> Interests::candidates(
    std::string_view type, const std::vector<InterestKey>& keys,
    std::span<const std::string_view> known) const {
    const auto* of_type = find(type);
    std::vector<SubscriptionNumber> open;
    if (of_type == nullptr) return open;
    for (const auto& [parameter, numbers] : of_type->by_parameter)
        if (std::ranges::find(known, parameter) == known.end())
            open.insert(open.end(), numbers.begin(), numbers.end());
    return found_by(of_type, keys, std::move(open));
}

std::vector<SubscriptionNumber> Interests::found_by(const OfType* of_type,
                                                    const std::vector<InterestKey>& keys,
                                                    std::vector<SubscriptionNumber> found) {
    if (of_type == nullptr) return found;
    found.insert(found.end(), of_type->always.begin(), of_type->always.end());
    for (const auto one : keys) {
        const auto [begin, end] = of_type->by_key.equal_range(one);
        for (auto entry = begin; entry != end; ++entry) found.push_back(entry->second);
    }
    std::ranges::sort(found);
    const auto [first, last] = std::ranges::unique(found);
    found.erase(first, last);
    return found;
}

}  // namespace vigil::fhir
