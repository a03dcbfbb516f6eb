import { defaultPort, defaultStore } from '../gateway.ts';

/** What `--help` prints. */
export const help = `Usage: anyseries-gateway <command> [flags]

  serve                                    run the gateway until SIGTERM or SIGINT
  try                                      run it on a fresh file in a temporary folder, with a credential for each protocol
  protocols                                list the protocols that are found
  credentials add <protocol>               register a credential; what is not given is made at random and shown once
      --project NAME                       the project that it opens (default)
      --<field> VALUE                      a field of the protocol's credentials, such as --key or --secret; - reads the standard input
      --<field>-file FILE                  the same from a file, which other users cannot see as they can a command line; - as above
  credentials list                         list them, without secrets
  credentials revoke <protocol> <id>       end one at once
  projects add NAME [--store URL]          make a project with a store of its own (beside the main store)
  projects list
  projects remove NAME                     forget a project and revoke its credentials; its store stays

Flags of all commands
  --config FILE                            a configuration file in JSON; flags override it
  --store URL                              the main store (${defaultStore}); for projects add it is --main-store

Flags of serve
  --host ADDRESS                           where to listen (127.0.0.1: this machine alone; ::, everywhere)
  --port PORT                              plain HTTP (${defaultPort}); 0 takes a free port, none does without
  --tls-cert FILE --tls-key FILE           HTTPS as well, with this certificate and key in PEM
  --tls-port PORT                          its port (8443)
  --protocol NAME                          serve this one; several times for several (all that installed packages have)
  --cors-origin ORIGIN                     let pages of this origin call the gateway; several times, or *
  --log-level LEVEL                        debug, info, warn, error or silent (info)
  --log-to STREAM                          stdout or stderr (stdout)

Commands that manage credentials and projects work while the gateway runs, and take effect at once.
Exit codes: 0 done, 1 failed, 2 wrong usage or configuration.
`;
