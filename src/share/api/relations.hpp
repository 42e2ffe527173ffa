#pragma once
// Shapes of docs/reference/series-api.md that say who may see whom.

#include "share/api/context.hpp"

namespace vigil::share {

void write_relation(JsonWriter& json, const ApiContext& api,
                    const identity::CareRelation& relation);
// Members of GET /api/me: what whoever asks may do, and whom they reach.
void write_own_rights(JsonWriter& json, const ApiContext& api, const ApiCall& call);

}  // namespace vigil::share
