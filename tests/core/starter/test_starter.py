"""What `devenv init` would write, for small repositories."""

from devenv.core.importing.layers import ComposeFile
from devenv.core.importing.manifest_text import manifest_text
from devenv.core.starter.starter import introduced, stack_name, starter
from devenv.errors import Report

TEMPLATES = frozenset({"postgres", "valkey", "rabbitmq", "mariadb"})


def from_compose(text: str) -> str:
    made = manifest_text([ComposeFile("docker-compose.yml", text)], Report(), name="shop")
    assert made is not None
    return introduced(made.text, "docker-compose.yml", TEMPLATES)


def test_an_empty_folder_gets_a_manifest_to_start_from() -> None:
    text = starter({}, "My App", TEMPLATES)
    assert "devenv: 1\nname: my-app\n" in text
    assert "  db:\n    use: postgres\n" in text


def test_a_compose_file_stays_as_it_is_below_two_lines() -> None:
    compose = "# ours\nversion: '3.8'\nservices:\n  db:\n    image: postgres:16 # pinned\n"
    text = from_compose(compose)
    assert "devenv: 1\nname: shop\n" in text
    assert text.endswith("# ours\nservices:\n  db:\n    image: postgres:16 # pinned\n")
    assert "version:" not in text
    assert "image: postgres:16  →  use: postgres" in text


def test_a_compose_file_keeps_its_own_name() -> None:
    text = from_compose("name: other\nservices: {a: {image: x}}\n")
    assert "name: shop" not in text


def test_dockerfiles_become_services_with_the_servers_that_their_code_uses() -> None:
    files = {
        "api/Dockerfile": "FROM debian:trixie-slim\nEXPOSE 8000\n",
        "api/pyproject.toml": '[project]\ndependencies = ["psycopg[binary]>=3", "redis"]\n',
        "api/.env.example": "DATABASE_URL=postgres://u:p@localhost/db\nLOG_LEVEL=info\nMOTTO=two words $x\n",
        "worker/Dockerfile": "FROM debian:trixie-slim\n",
        "worker/package.json": '{"dependencies": {"amqplib": "1"}}',
    }
    text = starter(files, "shop", TEMPLATES)
    assert "  db:\n    use: postgres" in text
    assert "  cache:\n    use: valkey" in text
    assert "  broker:\n    use: rabbitmq" in text
    assert "  api:\n    build: ./api\n    ports: { http: 8000 }" in text
    assert "needs: [db, cache]" in text
    assert "      DATABASE_URL: ${db.url}\n" in text
    assert '      LOG_LEVEL: "${LOG_LEVEL:-info}"\n' in text
    assert '      MOTTO: "${MOTTO:-}"\n' in text
    assert "  worker:\n    build: ./worker\n    needs: [broker]" in text


def test_sources_without_a_dockerfile_run_in_their_languages_image() -> None:
    text = starter({"package.json": '{"scripts": {"dev": "x"}, "dependencies": {"pg": "8"}}'}, "web", TEMPLATES)
    assert "image: node:22" in text
    assert "npm run dev" in text
    assert "needs: [db]" in text


def test_a_python_program_is_started_with_the_file_that_is_there() -> None:
    def command(*files: str) -> str:
        return starter({"requirements.txt": "flask\n", **dict.fromkeys(files, "")}, "my-shop", TEMPLATES)

    assert "pip install -r requirements.txt && python app.py'" in command("app.py")
    assert "&& python manage.py runserver 0.0.0.0:8000'" in command("main.py", "manage.py")
    assert "&& python -m my_shop'" in command("lib/app.py")


def test_damaged_files_are_no_reason_to_stop() -> None:
    starter({"package.json": "{", "pyproject.toml": "[", "go.mod": "\0"}, "web", TEMPLATES)


def test_names_of_folders_become_project_names() -> None:
    assert stack_name("My Shop!") == "my-shop"
    assert stack_name("...") == "stack"
