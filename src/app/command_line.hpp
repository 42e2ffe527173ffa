#pragma once
// `vigil COMMAND …`: docs/reference/cli.md.

namespace vigil::app {

// The exit status.
int run_command_line(int argc, char** argv);

}  // namespace vigil::app
