<?php
// The variables of the official image: a server that the form proposes, and plugins by name.

function adminer_object() {
    final class ProposedServer extends Adminer\Plugin {
        function loginFormField($name, $heading, $value) {
            if ($name !== 'server') {
                return null;
            }
            $server = htmlspecialchars(getenv('ADMINER_DEFAULT_SERVER') ?: 'db', ENT_QUOTES);
            return $heading . str_replace('value=""', "value=\"$server\"", $value) . "\n";
        }
    }

    $plugins = [new ProposedServer()];
    foreach (preg_split('/\s+/', getenv('ADMINER_PLUGINS') ?: '', -1, PREG_SPLIT_NO_EMPTY) as $name) {
        $before = get_declared_classes();
        require_once '/usr/share/adminer/plugins/' . basename($name) . '.php';
        foreach (array_diff(get_declared_classes(), $before) as $class) {
            $plugins[] = new $class();
        }
    }
    return new Adminer\Plugins($plugins);
}

require '/usr/share/adminer/adminer.php';
