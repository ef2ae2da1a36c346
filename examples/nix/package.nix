# The program, built from the clone that this file is in. Without Nix packages: `uv tool install litellm-discover`, and
# `package` is not needed where PATH finds it.
{ lib, python3Packages }:

python3Packages.buildPythonApplication {
  pname = "litellm-discover";
  version = "0.1.0";
  pyproject = true;

  src = lib.cleanSource ../..;

  build-system = [ python3Packages.hatchling ];
  dependencies = with python3Packages; [ anyio certifi json5 pyyaml rich typer ];

  # nixpkgs can be behind what pyproject.toml asks for; litellm-discover --version has to run.
  pythonRelaxDeps = true;
  doInstallCheck = true;
  installCheckPhase = "$out/bin/litellm-discover --version";

  meta = {
    description = "Finds your LiteLLM proxy and merges its models into your coding agents' configuration";
    license = lib.licenses.mit;
    mainProgram = "litellm-discover";
  };
}
