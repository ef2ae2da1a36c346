# A module for home-manager. In home.nix:
#
#   imports = [ ./litellm-discover/examples/nix/litellm-discover.nix ];
#   programs.litellm-discover.url = "https://llm.example.com";
#   programs.litellm-discover.keyCommand = [ "${pkgs.pass}/bin/pass" "litellm/api/token" ];
{ config, lib, pkgs, ... }:

let
  cfg = config.programs.litellm-discover;

  # A JSON array of strings is a TOML array, too.
  configToml = ''
    write = ${builtins.toJSON cfg.write}

    [[proxy]]
    url = ${builtins.toJSON cfg.url}
    key = { command = ${builtins.toJSON cfg.keyCommand} }
  '';

  # OpenCode takes it for a configuration that says nothing.
  nothing = pkgs.writeText "opencode.jsonc" "{}\n";
in
{
  options.programs.litellm-discover = {
    package = lib.mkOption {
      type = lib.types.package;
      default = pkgs.callPackage ./package.nix { };
      description = "The package of litellm-discover.";
    };
    url = lib.mkOption {
      type = lib.types.str;
      description = "The address of the proxy.";
    };
    keyCommand = lib.mkOption {
      type = lib.types.listOf lib.types.str;
      description = "The program that prints the key, by its whole path, and its arguments.";
    };
    write = lib.mkOption {
      type = lib.types.listOf (lib.types.enum [ "opencode" "pi" ]);
      default = [ "opencode" ];
      description = "The agents whose configuration gets the models.";
    };
  };

  config = {
    home.packages = [ cfg.package ];

    # Never written by litellm-discover, so it may be a link into the store.
    xdg.configFile."litellm-discover/config.toml".text = configToml;

    # What is in the store cannot be written: the models need a file beside it. OpenCode reads opencode.json, which
    # home-manager may make (programs.opencode.settings), and then opencode.jsonc, which is made here once and is ours.
    home.activation.litellmDiscover = lib.hm.dag.entryAfter [ "linkGeneration" ] ''
      opencode="''${XDG_CONFIG_HOME:-$HOME/.config}/opencode"
      if [ ! -e "$opencode/opencode.jsonc" ]; then
        run mkdir -p "$opencode"
        run install -m 600 ${nothing} "$opencode/opencode.jsonc"
      fi
      run ${cfg.package}/bin/litellm-discover --write || echo "litellm-discover: the models stay as they are" >&2
    '';

    # As `litellm-discover daemon run`; take it out if a write at each switch and the hook are enough.
    systemd.user.services.litellm-discover = {
      Unit.Description = "Keeps the models of the LiteLLM proxy in the configuration of coding agents";
      Service = {
        ExecStart = "${cfg.package}/bin/litellm-discover daemon run";
        ExecReload = "/bin/kill -HUP $MAINPID";
        Restart = "on-failure";
        RestartSec = 5;
        UMask = "0077";
      };
      Install.WantedBy = [ "default.target" ];
    };
  };
}
