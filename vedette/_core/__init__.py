"""Building blocks without dependencies on other packages of Vedette."""
