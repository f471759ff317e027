import offices.models
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("offices", "0002_people")]

    operations = [
        migrations.AlterField(
            model_name="user",
            name="name",
            field=models.CharField(
                blank=True, max_length=150, validators=[offices.models.validate_name], verbose_name="name"
            ),
        ),
    ]
