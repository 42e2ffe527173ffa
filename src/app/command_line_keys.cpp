// The keys of what is stored: `vigil keys`.
#include "app/command_line_parts.hpp"

namespace vigil::app {

void Commands::add_keys() {
    auto* group = app.add_subcommand("keys", "the keys that everything stored is sealed under")
                      ->require_subcommand(1);
    auto* look = group->add_subcommand("status",
                                       "what wraps the keys, and whether that is due to "
                                       "change");
    add_where(*look, where, output, Folder::must_be_there);
    look->callback([this] { status = keys_status(where, output); });

    auto* rotate = group->add_subcommand(
        "rotate",
        "make a new master key, wrapped by what [keys] of the server's configuration names, and\n"
        "wrap every patient's key by it, also while the server runs; keys.source may be another\n"
        "than before");
    add_where(*rotate, where, output, Folder::must_be_there);
    rotate->callback([this] { status = keys_rotate(where, output); });
}

}  // namespace vigil::app
