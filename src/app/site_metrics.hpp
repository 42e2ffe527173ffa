#pragma once
// The site's own metrics. What is stored names a metric by its number, so each keeps the number it
// got first, whatever becomes of the configuration: documents of vigil.db say which.

#include <span>

#include "app/config.hpp"
#include "base/result.hpp"
#include "metric/catalogue.hpp"
#include "store/documents.hpp"

namespace vigil::app {

// Adds to the catalogue what the configuration names and what it once named: that stays readable.
// New numbers are durable when this returns. Refuses a metric that changed its kind or its unit:
// what is stored under its key would mean something else.
Result<void> load_site_metrics(std::span<const SiteMetric> configured, store::Documents& documents,
                               Catalogue& catalogue);

}  // namespace vigil::app
