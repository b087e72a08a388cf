"""The jobs of cron.yaml for crontab, systemd and Kubernetes."""
