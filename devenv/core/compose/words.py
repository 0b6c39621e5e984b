"""What Compose's keys are for, a line each, for people who write a manifest in an editor."""

from __future__ import annotations

from devenv.core.compose.keys import ORDER


def _read(lines: str) -> dict[str, str]:
    pairs = (line.strip().partition(": ")[::2] for line in lines.strip().splitlines())
    return dict(pairs)


WORDS: dict[str, dict[str, str]] = {
    "": _read("""
        models: AI models that services use
        networks: Networks that services share; without any, all services are on one
        volumes: Named volumes, whose data outlives containers
        configs: Files that services mount, given by path, text or variable
        secrets: Files with secrets that services mount
    """),
    "service": _read("""
        annotations: Notes on the container for other programs
        attach: false keeps its log out of what `docker compose up` shows
        build: The folder to build the image from, or a mapping that says more
        blkio_config: Limits and weights for reading and writing block devices
        cpu_count: How many CPUs may be used (Windows)
        cpu_percent: The share of the CPUs that may be used, in percent
        cpu_shares: Weight against other containers when CPU time is scarce
        cpu_period: The CFS scheduler's period, in microseconds
        cpu_quota: The CPU time within one period, in microseconds
        cpu_rt_runtime: CPU time for the real-time scheduler
        cpu_rt_period: The real-time scheduler's period
        cpus: How many CPUs may be used; may be a fraction
        cpuset: The CPUs that may be used: 0-3 or 0,1
        cap_add: Linux capabilities to add
        cap_drop: Linux capabilities to take away
        cgroup: host or private: the cgroup namespace
        cgroup_parent: The cgroup above that of the container
        command: What runs, instead of the image's own command
        configs: Files of the top-level `configs` to mount
        container_name: A fixed name for the container, which then can be there only once on a machine
        credential_spec: Credentials of a managed service account (Windows)
        depends_on: What must be started first; `needs` also waits and gives connection variables
        deploy: Replicas, resources and restarts
        develop: Files to watch with `docker compose watch`
        device_cgroup_rules: Rules for devices in the cgroup
        devices: Devices of the host to hand in, HOST:CONTAINER
        dns: Name servers
        dns_opt: Options of the resolver
        dns_search: Domains to search for names
        domainname: The container's domain name
        driver_opts: Options for the network driver
        entrypoint: What runs before the command, instead of the image's own
        env_file: Files with environment variables
        environment: Environment variables; they win over those that `needs` gives
        expose: Ports that other services may use, without publishing them
        extends: A service of this or another file to start from
        external_links: Containers outside of this stack to link to
        extra_hosts: More names for /etc/hosts, NAME:ADDRESS
        gpus: GPUs to hand in: all, or a list
        group_add: More groups for the user
        healthcheck: How the engine asks whether it is well; `ready` is the short way
        hostname: The container's host name
        image: The image to run, NAME:TAG
        init: true runs an init process that reaps what has ended
        ipc: The namespace for shared memory and semaphores
        isolation: How containers are isolated, where there is a choice
        labels: Notes on the container, for people and programs
        label_file: Files with labels
        links: Other services under other names
        logging: Where logs go
        mac_address: A fixed MAC address
        mem_limit: The most memory it may have: 512m, 2g
        mem_reservation: The memory that is set aside for it
        mem_swappiness: How eagerly its memory is swapped, 0 to 100
        memswap_limit: The most memory and swap together
        models: AI models of the top-level `models`
        network_mode: host, none, or another service's network: service:NAME
        networks: The networks that it is on
        oom_kill_disable: true keeps the kernel from ending it when memory is short
        oom_score_adj: How likely the kernel ends it when memory is short
        pid: host shares the host's processes
        pids_limit: The most processes it may have
        platform: The platform to run for: linux/amd64
        ports: Published ports: a mapping of names to container ports, or Compose's list HOST:CONTAINER
        post_start: Commands to run in it once it has started
        pre_stop: Commands to run in it before it is stopped
        privileged: true lifts the walls between the container and the host
        profiles: Profiles that it belongs to; it then starts only with one of them
        provider: A program outside of the engine that runs the service
        pull_policy: When to pull the image
        pull_refresh_after: How old the image may be before it is pulled again
        read_only: true makes its file system read-only
        restart: When the engine starts it again
        runtime: The OCI runtime: runc
        scale: How many containers
        secrets: Secrets of the top-level `secrets` to mount
        security_opt: Options of the security modules
        shm_size: The size of /dev/shm: 128m
        stdin_open: true keeps its standard input open
        stop_grace_period: How long to wait before it is killed: 10s
        stop_signal: The signal that stops it, instead of SIGTERM
        storage_opt: Options of the storage driver
        sysctls: Kernel parameters in the container
        tmpfs: Folders that live in memory
        tty: true gives it a terminal
        ulimits: Limits of the processes
        use_api_socket: true hands in the engine's socket
        user: The user to run as, USER or UID:GID
        userns_mode: The user namespace
        uts: host shares the host's name
        volumes: Folders and named volumes to mount, SOURCE:TARGET
        volumes_from: Containers whose volumes to mount
        working_dir: The folder in which the command runs
    """),
    "service.build": _read("""
        context: The folder (or URL) that the Dockerfile may copy from
        dockerfile: The Dockerfile, relative to the context
        dockerfile_inline: The Dockerfile's text
        additional_contexts: More contexts, by name
        args: Values for the Dockerfile's ARG
        cache_from: Where to take cached layers from
        cache_to: Where to put cached layers
        entitlements: Privileges that the build may use
        extra_hosts: More names for /etc/hosts during the build
        isolation: How the build is isolated, where there is a choice
        labels: Labels of the image
        network: The network during the build
        no_cache: true builds everything anew
        platforms: Platforms to build for
        privileged: true lifts the walls during the build
        provenance: Whether to attest how the image was built
        pull: true asks for newer base images
        sbom: Whether to attest what is in the image
        secrets: Secrets that the build may use
        shm_size: The size of /dev/shm during the build
        ssh: SSH agents and keys that the build may use
        tags: More names for the image
        target: The stage of the Dockerfile to build
        ulimits: Limits of processes during the build
    """),
    "service.healthcheck": _read("""
        test: The command that asks; exit 0 is well
        interval: The time between two questions: 30s
        timeout: How long an answer may take
        retries: How many bad answers in a row make it unhealthy
        start_period: How long it may take to start; bad answers do not count meanwhile
        start_interval: The time between two questions while it starts
        disable: true turns off the image's own health check
    """),
    "service.deploy": _read("""
        endpoint_mode: How clients find the replicas
        labels: Labels of the service
        mode: replicated, global, or a job of either kind
        placement: Where containers may run
        replicas: How many containers
        resources: Limits and reservations of CPUs, memory and devices
        restart_policy: When and how often to start it again
        rollback_config: How an update is taken back
        update_config: How an update is carried out
    """),
    "service.logging": _read("""
        driver: The logging driver: json-file, local, none
        options: The driver's options
    """),
    "service.depends_on.*": _read("""
        condition: What the other service must have come to
        restart: true starts this one again when the other is
        required: false only warns when the other is not there
    """),
    "service.networks.*": _read("""
        aliases: More names on this network
        ipv4_address: A fixed IPv4 address
        ipv6_address: A fixed IPv6 address
        priority: The order in which networks are joined
        gw_priority: The network with the highest one is the way out
        interface_name: The name of the network's interface in the container
        link_local_ips: Addresses on the link alone
        mac_address: A fixed MAC address
        driver_opts: The network driver's options
    """),
    "service.blkio_config": _read("""
        device_read_bps: The most bytes per second read from a device: path and rate
        device_read_iops: The most reads per second from a device: path and rate
        device_write_bps: The most bytes per second written to a device: path and rate
        device_write_iops: The most writes per second to a device: path and rate
        weight: Its share of reading and writing beside others, 10 to 1000
        weight_device: Its share on a device: path and weight
    """),
    "service.credential_spec": _read("""
        config: The config at the top level with the credentials
        file: The file with the credentials
        registry: The value of the Windows registry with the credentials
    """),
    "service.develop": _read("""
        watch: Which changes lead to what: path, action, target
    """),
    "service.provider": _read("""
        type: The program that runs the service
        options: The program's options
    """),
    "service.volumes.*": _read("""
        type: bind mounts a folder of the host, volume a named volume, tmpfs memory
        source: The folder of the host, or the volume's name
        target: Where it is in the container
        read_only: true makes it read-only
        bind: More about a bind mount
        volume: More about a volume
        tmpfs: More about a mount in memory
        image: More about a mounted image
        consistency: Kept for older files; without effect on Linux
    """),
    "service.ports.*": _read("""
        name: A name for the port
        target: The port in the container
        published: The port on the host
        host_ip: The host's address that it is bound to
        protocol: tcp or udp
        app_protocol: What is spoken there: http
        mode: host or ingress
    """),
    "networks.*": _read("""
        name: A fixed name, instead of one with the project's before it
        attachable: true lets other containers join
        driver: The network driver: bridge
        driver_opts: The driver's options
        enable_ipv4: Whether it has IPv4 addresses
        enable_ipv6: Whether it has IPv6 addresses
        external: true: it is made elsewhere
        internal: true cuts it off from the outside
        ipam: Which addresses it has
        labels: Labels of the network
    """),
    "volumes.*": _read("""
        name: A fixed name, instead of one with the project's before it
        driver: The volume driver
        driver_opts: The driver's options
        external: true: it is made elsewhere, and kept
        labels: Labels of the volume
    """),
    "configs.*": _read("""
        name: A fixed name
        file: The file with the content
        environment: The variable with the content
        content: The content itself
        external: true: it is made elsewhere
        labels: Labels of the config
        template_driver: What fills in the content, for Swarm
    """),
    "secrets.*": _read("""
        name: A fixed name
        file: The file with the secret
        environment: The variable with the secret
        external: true: it is made elsewhere
        labels: Labels of the secret
        driver: The driver that keeps it, for Swarm
        driver_opts: The driver's options
        template_driver: What fills in the content, for Swarm
    """),
    "models.*": _read("""
        name: A fixed name
        model: The model, as an image of a registry
        context_size: How many tokens its context holds
        runtime_flags: Options of the program that runs it
    """),
}
"""By the kinds of `compose_keys.ORDER`."""

WORDS["service.configs.*"] = WORDS["service.secrets.*"] = _read("""
    source: Its name at the top level
    target: The file in the container
    uid: The file's owner, by number
    gid: The file's group, by number
    mode: The file's permissions, in octal
""")

_SWITCHED = ("attach", "init", "oom_kill_disable", "privileged", "read_only", "stdin_open", "tty", "use_api_socket")

VALUES: dict[str, tuple[str | bool, ...]] = {
    **{f"service.{key}": (True, False) for key in _SWITCHED},
    "service.restart": ("no", "always", "on-failure", "unless-stopped"),
    "service.pull_policy": ("always", "never", "missing", "build", "daily", "weekly"),
    "service.network_mode": ("bridge", "host", "none"),
    "service.depends_on.*.condition": (
        "service_started",
        "service_healthy",
        "service_completed_successfully",
    ),
    "service.volumes.*.type": ("bind", "volume", "tmpfs", "image", "npipe", "cluster"),
    "service.ports.*.protocol": ("tcp", "udp"),
}
"""Values that an editor offers; Compose may know others."""


def word(kind: str, key: str) -> str | None:
    """What is said of `key` in a mapping of `kind`, a key of `compose_keys.ORDER`."""
    return WORDS.get(kind, {}).get(key) if key in ORDER[kind] else None
